import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { compileInto, SERVER, useBuilt } from '../support/built-product.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'build-test-'));
  cpSync('package.json', path.join(folder, 'package.json'));
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  compileInto(folder);
  rmSync(path.join(folder, 'dist/src/local'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the built server handles a command, closes a month, generates its PDF and stops on SIGTERM', async () => {
  const { answer, pdf, invoiceNumber, exitCode, log } = await useBuilt(folder, testDatabaseUri());
  expect(answer).toContain('Green');
  expect(invoiceNumber).toMatch(/^\S+-\d+$/);
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(exitCode).toBe(0);
  expect(log).not.toMatch(/"level":(?:50|60)/);
});

it('without any setting, the built server explains that it has no local mode', () => {
  const { PATH } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [SERVER], { cwd: folder, env: { PATH }, encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, expect.stringMatching(/^Local mode is only part of the source [^\n]+\n$/)]);
});

it.each(['admin', 'import'])('the built %s command shows its usage', (command) => {
  const run = () => execFileSync(process.execPath, [`dist/src/bin/${command}.js`], { cwd: folder, stdio: 'pipe' });
  expect(run).toThrow(expect.objectContaining({ status: 64, stderr: expect.any(Buffer) }));
});
