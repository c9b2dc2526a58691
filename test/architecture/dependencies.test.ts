import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { importsOf, ROOTS, sourcesIn } from './sources.ts';

interface Boundary {
  /** Folders whose modules it can use at run time. */
  readonly uses?: readonly string[];
  /** Folders whose types it can use, which are gone at run time. */
  readonly types?: readonly string[];
  /** Packages that no other folder can import. */
  readonly owns?: readonly string[];
}

const OPEN_TELEMETRY = [
  'api',
  'exporter-metrics-otlp-http',
  'exporter-trace-otlp-http',
  'resources',
  'sdk-metrics',
  'sdk-trace-base',
].map((name) => `@opentelemetry/${name}`);

/**
 * Which folder can depend on which, as in docs/architecture.md. A folder can use itself, and the first entry that
 * matches a file applies.
 */
const BOUNDARIES: Readonly<Record<string, Boundary>> = {
  // the wiring; only it and the tests know local mode
  'src/bin': { uses: ['src', 'commands', 'views', 'jobs'] },
  'src/local/page': { uses: ['src/local/workspace'], owns: ['preact'] },
  'src/local': {
    // it refuses what Slack would, using the same list of limits
    uses: ['src/platform', 'src/billing', 'src/services', 'src/store', 'src/imports', 'src/slack/limits'],
    types: ['src/bin', 'jobs/kit'],
  },
  'src/platform': { uses: ['src/billing'], types: ['src/services'], owns: ['prom-client', 'pino', ...OPEN_TELEMETRY] },
  'src/billing': {},
  'src/store': { uses: ['src/billing', 'src/platform'], owns: ['mongoose', 'mongodb'] },
  'src/imports': { uses: ['src/billing', 'src/platform', 'src/store/kit'] },
  'src/documents': {
    uses: ['src/billing'],
    types: ['src/services', 'src/store'],
    owns: ['pdfkit', 'fontkit', 'piscina'],
  },
  'src/services': { uses: ['src/billing', 'src/store', 'src/documents', 'src/imports', 'src/platform'] },
  'src/adapters': {
    uses: ['src/billing', 'src/services'],
    types: ['src/store', 'src/platform'],
    owns: ['stripe', 'nodemailer', '@aws-sdk/client-s3', '@azure/storage-blob'],
  },
  'src/api': {
    uses: ['src/billing', 'src/services', 'src/documents', 'src/platform'],
    types: ['src/store/kit'],
    owns: ['express', '@modelcontextprotocol/sdk'],
  },
  'src/slack/limits': {},
  'src/slack': { uses: ['src/billing', 'src/services', 'src/platform'] },
  views: { uses: ['src/slack', 'src/services', 'src/billing', 'src/documents', 'src/imports/file'] },
  commands: { uses: ['views', 'src/slack', 'src/services', 'src/billing'] },
  jobs: {
    uses: ['views', 'src/slack', 'src/services', 'src/billing', 'src/documents', 'src/store/kit', 'src/platform'],
    owns: ['agenda', '@agendajs/mongo-backend'],
  },
};
/** Packages that only these folders share. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  '@slack/bolt': ['src/slack', 'views', 'commands', 'src/bin'],
  '@slack/web-api': ['src/slack', 'views'],
};

const files = sourcesIn(ROOTS);
const isIn = (file: string, folder: string) => file === folder || file.startsWith(`${folder}/`);
const folderOf = (file: string) => Object.keys(BOUNDARIES).find((folder) => isIn(file, folder));

function faultsOf(file: string): string[] {
  const own = folderOf(file);
  if (own === undefined) return [`${file} is in no folder that the table knows`];
  const { uses = [], types = [] } = BOUNDARIES[own] ?? {};
  return importsOf(file).flatMap(({ target, isType }) => {
    const isOurs = ROOTS.some((root) => isIn(target, root));
    const isAllowed = isOurs
      ? [own, 'src/billing/refusal.ts', ...uses, ...(isType ? types : [])].some((folder) => isIn(target, folder))
      : ownersOf(target).every((folders) => folders.some((folder) => isIn(file, folder)));
    return isAllowed ? [] : [`${file} imports ${target}`];
  });
}

/** The folders that can import a package; none if everybody can. */
function ownersOf(target: string): (readonly string[])[] {
  const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
  const owner = Object.entries(BOUNDARIES).find(([, { owns = [] }]) => owns.includes(name));
  return [...(owner ? [[owner[0]]] : []), ...(SHARED[name] ? [SHARED[name]] : [])];
}

/** Files that import each other in a cycle, each cycle in order (Tarjan's strongly connected components). */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const places = new Map<string, { index: number; low: number }>();
  const path: string[] = [];
  const visit = (file: string): { index: number; low: number } => {
    const place = { index: places.size, low: places.size };
    places.set(file, place);
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const known = places.get(next);
      if (!known) place.low = Math.min(place.low, visit(next).low);
      else if (path.includes(next)) place.low = Math.min(place.low, known.index);
    }
    if (place.low === place.index) {
      const circle = path.splice(path.indexOf(file));
      if (circle.length > 1) found.push(circle.sort());
    }
    return place;
  };
  for (const file of graph.keys()) if (!places.has(file)) visit(file);
  return found;
}

describe('dependencies between source files', () => {
  it('are read from the source', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(importsOf('src/services/invoicing/estimates.ts').map(({ target }) => target)).toContain(
      'src/billing/money/money.ts',
    );
    expect(importsOf('src/bin/server.ts')).toContainEqual({ target: 'src/local/index.ts', isType: false });
  });

  it('follow the table, with no exceptions', () => {
    expect(files.flatMap(faultsOf)).toEqual([]);
  });

  it('outside local mode use no development-only packages', () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'));
    const needed = files
      .filter((file) => !isIn(file, 'src/local'))
      .flatMap((file) => importsOf(file).filter(({ isType }) => !isType))
      .map(({ target }) => target.split('/', target.startsWith('@') ? 2 : 1).join('/'))
      .filter((name) => !name.startsWith('node:') && !['src', 'commands', 'views', 'jobs'].includes(name));
    expect(needed).toContain('mongoose');
    expect([...new Set(needed)].filter((name) => !(name in dependencies))).toEqual([]);
  });

  it('enter local mode only through its one entry point, and only from the server', () => {
    const ways = files
      .filter((file) => !isIn(file, 'src/local'))
      .flatMap((file) => importsOf(file).map(({ target }) => `${file} imports ${target}`))
      .filter((way) => way.includes(' imports src/local/'));
    expect(ways).toEqual(['src/bin/server.ts imports src/local/index.ts']);
  });

  it('leave the tests of the rules with what mutation testing copies', () => {
    const copied = ['src/billing', 'test/billing', 'test/support/runs.ts', 'test/support/invoices/pictures.ts'];
    const imports = sourcesIn(['test/billing'])
      .flatMap((file) => importsOf(file).filter(({ isType }) => !isType))
      .map(({ target }) => target)
      .filter((target) => /^(?:src|test|views|commands|jobs)\//.test(target));
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter((target) => !copied.some((one) => isIn(target, one) || target === one))).toEqual([]);
  });

  it('have no cycles', () => {
    const graph = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .map(({ target }) => target)
          .filter((target) => files.includes(target)),
      ]),
    );
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
          ['d', ['a']],
        ]),
      ),
    ).toEqual([['a', 'b', 'c']]);
    expect(circles(graph)).toEqual([]);
  });
});
