import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What each folder may import of the others. Entries that go against the arrows of docs/architecture.md say why. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/billing': [],
  'src/store': ['src/billing', 'src/platform'],
  'src/imports': ['src/billing', 'src/platform', 'src/store'],
  // columns and summaries that services define
  'src/documents': ['src/billing', 'src/store', 'src/services'],
  'src/services': ['src/billing', 'src/store', 'src/imports', 'src/documents', 'src/platform'],
  // interfaces that services define
  'src/adapters': ['src/billing', 'src/services', 'src/store', 'src/platform'],
  'src/slack': ['src/billing', 'src/services', 'src/platform'],
  // the process's HTTP server, which has its file in src/slack
  'src/api': ['src/billing', 'src/services', 'src/documents', 'src/platform', 'src/store', 'src/slack'],
  // what readiness and metrics ask, and the address of the EU's VIES service
  'src/platform': ['src/billing', 'src/services', 'src/store', 'src/adapters', 'src/slack'],
  views: ['src/billing', 'src/services', 'src/documents', 'src/imports', 'src/slack'],
  commands: ['src/billing', 'src/services', 'src/slack', 'views'],
  jobs: ['src/billing', 'src/services', 'src/documents', 'src/platform', 'src/slack', 'src/store', 'views'],
  // the type of what the server starts
  'src/local': ['src/billing', 'src/services', 'src/imports', 'src/platform', 'src/store', 'jobs', 'src/bin'],
  'src/bin': [
    ...['src/billing', 'src/services', 'src/documents', 'src/imports', 'src/platform', 'src/slack', 'src/store'],
    ...['src/adapters', 'src/api', 'src/local', 'commands', 'jobs', 'views'],
  ],
};

/** Packages that one part of the product alone knows. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  mongoose: ['src/store'],
  agenda: ['jobs'],
  '@agendajs/mongo-backend': ['jobs'],
  '@slack/bolt': ['src/slack', 'commands', 'views'],
  express: ['src/api'],
  stripe: ['src/adapters'],
  nodemailer: ['src/adapters'],
};

interface Import {
  readonly from: string;
  /** A file of ours, or a package's name. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Gone when the program runs. */
  readonly isOfTypes: boolean;
}

const FILES = ['src', 'commands', 'views', 'jobs'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
    .map((file) => path.posix.join(folder, file)),
);
const IMPORTS = FILES.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)(?<type> type)?\b(?<names>[^;'"]*?)(?:from )?'(?<spec>[^']+)';|\bimport\('(?<late>[^']+)'\)/gm,
  );
  return [...found].flatMap(({ groups }): Import[] => {
    const { type, names = '', spec = groups?.late ?? '' } = groups ?? {};
    const isOfTypes = type !== undefined || areTypes(names);
    if (!spec.startsWith('.')) return [{ from: file, to: packageOf(spec), isPackage: true, isOfTypes }];
    const to = path.posix.join(path.posix.dirname(file), spec);
    return existsSync(to) && /\.tsx?$/.test(to) ? [{ from: file, to, isPackage: false, isOfTypes }] : [];
  });
}

/** `{ type A, type B }` and nothing else. */
function areTypes(names: string): boolean {
  const inBraces = /^\s*\{(?<all>[^}]*)\}\s*$/.exec(names)?.groups?.all ?? '';
  const all = inBraces
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return all.length > 0 && all.every((name) => name.startsWith('type '));
}

function packageOf(spec: string): string {
  return spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The folder that the table names. */
function layerOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'src' ? `${top}/${second}` : top;
}

/** The first circle of files that import each other when the program runs, as a path; empty for none. */
function circle(): readonly string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, isPackage, isOfTypes } of IMPORTS) {
    if (!isPackage && !isOfTypes) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const one of next.get(file) ?? []) {
      const found = visit(one, [...trail, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of FILES) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('dependencies', () => {
  it('are seen by this test', () => {
    expect(IMPORTS.length).toBeGreaterThan(1_000);
    expect(IMPORTS).toContainEqual({
      from: 'src/billing/money/money.ts',
      to: 'decimal.js',
      isPackage: true,
      isOfTypes: false,
    });
    expect(IMPORTS).toContainEqual({
      from: 'src/bin/server.ts',
      to: 'src/local/index.ts',
      isPackage: false,
      isOfTypes: false,
    });
  });

  it('of every folder are in the table', () => {
    expect([...new Set(FILES.map(layerOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it('between folders go only where the table lets them', () => {
    const wrong = IMPORTS.filter(({ from, to, isPackage }) => {
      if (isPackage || layerOf(from) === layerOf(to)) return false;
      return !MAY_IMPORT[layerOf(from)]?.includes(layerOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('on packages that one part alone knows are in that part', () => {
    const wrong = IMPORTS.filter(
      ({ from, to, isPackage }) => isPackage && ONLY_IN[to]?.includes(layerOf(from)) === false,
    );
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('between files have no circle when the program runs', () => {
    expect(circle()).toEqual([]);
  });

  it('on local mode are the server’s alone', () => {
    const users = IMPORTS.filter(({ to }) => to.startsWith('src/local/')).map(({ from }) => from);
    expect([...new Set(users.filter((from) => !from.startsWith('src/local/')))]).toEqual(['src/bin/server.ts']);
  });
});
