// npm run verify:mongodb -- URI [TESTS...]: whether a database does what the product relies on. Asks what it is, then runs
// the tests of the store and of killed processes against it, or those with these names. Each test file uses a database
// of its own and drops it, so the user needs the right to create databases. Nothing else on the server is touched. Ends
// with 1 if something isn't as it must be.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose from 'mongoose';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { say } from '../bench/measure.ts';
import { withDatabase } from '../support/database/uri.ts';
import { databaseFacts } from './database-facts.ts';
import { type JestReport, reportOf } from './report.ts';

/** The tests whose results depend on the database: migrations, queries, transactions, and processes that are killed. */
const TESTS = [
  ...['test/store', 'test/chaos', 'test/properties', 'test/jobs', 'test/api/token-cache'],
  ...['test/services/invoicing', 'test/services/costs', 'test/services/moves', 'test/services/settlement'],
];
const EXIT_USAGE = 64;

const [uri = '', ...tests] = process.argv.slice(2);
if (!/^mongodb(?:\+srv)?:\/\//.test(uri)) {
  process.stderr.write('Usage: npm run verify:mongodb -- URI [TESTS...]\n');
  process.exit(EXIT_USAGE);
}
const areFactsGood = await askDatabase();
process.exitCode = runTests() && areFactsGood ? 0 : 1;

async function askDatabase(): Promise<boolean> {
  await connectStore(withDatabase(uri, `verify_${process.pid}`));
  try {
    const facts = await databaseFacts();
    for (const { what, found, isGood } of facts) say(`${isGood ? 'ok    ' : 'FAILED'} | ${what}: ${found}`);
    return facts.every(({ isGood }) => isGood);
  } finally {
    await mongoose.connection.dropDatabase();
    await disconnectStore();
  }
}

function runTests(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'verify-'));
  try {
    const report = path.join(folder, 'report.json');
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];
    spawnSync(process.execPath, [...jest, ...(tests.length > 0 ? tests : TESTS)], {
      env: { ...process.env, TEST_MONGODB_URI: uri },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { lines, isSound } = reportOf(JSON.parse(readFileSync(report, 'utf8')) as JestReport, process.cwd());
    for (const line of lines) say(line);
    return isSound;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
