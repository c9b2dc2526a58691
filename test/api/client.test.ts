import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrations/migrate.ts';
import type { RecordedRequest } from '../clients/avn.ts';
import { AVN_READS } from '../clients/avn-commands.ts';
import { type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { document } from '../support/api/openapi.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const PACKAGES = path.join(ROOT, 'node_modules');
/** As strict as TypeScript gets, for what is generated too. */
const STRICT = {
  ...{ target: 'ES2023', lib: ['ES2023', 'DOM'], module: 'nodenext', types: ['node'], outDir: 'out' },
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noImplicitReturns: true },
  ...{ noUnusedLocals: true, noUnusedParameters: true, noPropertyAccessFromIndexSignature: true },
};
const clock = new TestClock('2026-11-10T12:00:00Z');
let api: RunningApi;
let world: ApiWorld;
let folder = '';

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(contextAt(clock));
  mkdirSync(path.join(PACKAGES, '.cache'), { recursive: true });
  // below the packages, so that the program finds them
  folder = mkdtempSync(path.join(PACKAGES, '.cache', 'api-client-'));
  cpSync(path.join(ROOT, 'test/data/api-client'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'openapi.json'), JSON.stringify(document));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.stop();
});

/** What a program of a package prints. @throws {Error} with what it printed if it fails */
async function ran(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: '', ...env } };
  try {
    return (await run(process.execPath, [path.resolve(PACKAGES, program), ...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} failed: ${stdout}${stderr}`);
  }
}

describe('the description', () => {
  it('has no warnings from redocly', async () => {
    const said = await ran('@redocly/cli/bin/cli.js', ['lint', 'openapi.json', '--format=json']);
    expect(JSON.parse(said)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });

  it('has not even a hint from spectral', async () => {
    // it fails at the first one
    const said = await ran('@stoplight/spectral-cli/dist/index.js', [
      'lint',
      'openapi.json',
      '-r',
      'spectral.yaml',
      '-F',
      'hint',
    ]);
    expect(said).toContain('No results');
  });

  it('makes a strictly typed client that reads and changes what the API has', async () => {
    await ran('openapi-typescript/bin/cli.js', ['openapi.json', '-o', 'schema.d.ts'], {
      NODE_OPTIONS: '--import ./typescript-api.mjs',
    });
    const project = { compilerOptions: STRICT, files: ['sample.mts', 'schema.d.ts'] };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(project));
    await ran('typescript/bin/tsc', ['-p', '.']);
    const env = { API_URL: api.url, API_TOKEN: world.write, API_GROUP: world.group };
    expect(JSON.parse(await ran(path.join(folder, 'out/sample.mjs'), [], env))).toEqual({
      isSame: true,
      city: 'Oulu',
      missing: [404, 'billing_group_not_found'],
      deleted: expect.any(String),
      reported: ['estimate'],
      hasNext: true,
      lines: ['12.34', '7.00', '100.01', '50.00'],
      events: expect.any(Number),
    });
  });
});

describe('the published Python client', () => {
  const requests = JSON.parse(
    readFileSync(path.join(ROOT, 'test/data/avn-requests.json'), 'utf8'),
  ) as RecordedRequest[];

  it('gets for each of its requests the status that it was recorded with, and the fields that it prints', async () => {
    const own = await apiWorld(contextAt(clock));
    const { body } = await api.ask('GET', `/billing-group/${own.group}/invoice`, { token: own.read });
    const values: Record<string, string> = {
      ...{ account: own.account, group: own.group, other: own.other, code: own.codes[0] ?? '' },
      invoice: (body.invoices as { invoice_number: string }[]).map((one) => one.invoice_number).find(isNumber) ?? '',
    };
    const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'missing');
    for (const { command, method, path: recorded, type, body: sent, status } of requests) {
      const where = filled(recorded).replace('/v1', '');
      const answer = await api.ask(method, where, {
        headers: { authorization: `aivenv1 ${own.write}`, ...(type !== null && { 'content-type': type }) },
        ...(sent !== null && { body: JSON.parse(filled(JSON.stringify(sent))) }),
      });
      expect({ command, status: answer.status, text: answer.text }).toMatchObject({ command, status });
      if (method === 'POST' && where === '/billing-group' && status === 200) {
        values.made = (answer.body.billing_group as { billing_group_id: string }).billing_group_id;
      }
      if (method !== 'GET' || status !== 200) continue;
      const read = AVN_READS.find((one) => one.path.test(where.split('?')[0] ?? ''));
      expect({ command, read }).toEqual({ command, read: expect.anything() });
      for (const item of [answer.body[read?.at ?? '']].flat()) {
        expect(Object.keys(item as object)).toEqual(expect.arrayContaining([...(read?.fields ?? [])]));
      }
    }
    expect(new Set(requests.map(({ status }) => status))).toEqual(new Set([200, 400, 404, 409]));
  });
});

function isNumber(number: string): boolean {
  return !number.startsWith('estimate');
}
