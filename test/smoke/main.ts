// npm run smoke: the production build in a folder with nothing but itself and its dependencies.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { useBuilt } from '../support/built-product.ts';

/** Development packages that nothing in production can need. */
const FOREIGN = ['tsx', 'typescript', 'jest', 'mongodb-memory-server', 'esbuild', 'preact'];

const say = (line: string) => void process.stdout.write(`${line}\n`);
const npm = (args: readonly string[], cwd: string) => execFileSync('npm', args, { cwd, stdio: 'inherit' });

const folder = mkdtempSync(path.join(tmpdir(), 'smoke-'));
try {
  say('Building …');
  npm(['run', '--silent', 'build'], process.cwd());
  for (const file of ['package.json', 'package-lock.json', 'dist']) {
    cpSync(file, path.join(folder, file), { recursive: true });
  }
  say('Installing what production needs …');
  npm(['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  const found = FOREIGN.filter((name) => existsSync(path.join(folder, 'node_modules', name)));
  if (found.length > 0) throw new Error(`Installed for production, but made for development: ${found.join(', ')}`);
  await use();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function use(): Promise<void> {
  const databaseName = `smoke_${process.pid}`;
  const { MONGODB_URI: _, ...env } = process.env;
  const database = await startDatabase({ env, databaseName, onProgress: say });
  try {
    await connectStore(database.uri);
    say('Using it …');
    const { answer, invoiceNumber, pdf, exitCode } = await useBuilt(folder, database.uri);
    if (!answer.includes('Green')) throw new Error(`The command was answered with ${answer}`);
    if (pdf.subarray(0, 5).toString() !== '%PDF-') throw new Error('The invoice is no PDF');
    if (exitCode !== 0) throw new Error(`The server ended with ${exitCode}`);
    say(`Passed: a command, a close (${invoiceNumber}), a PDF of ${pdf.length} bytes, and the end.`);
  } finally {
    await disconnectStore();
    await database.stop();
  }
}
