import { describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { useDatabase } from '../support/database/database.ts';
import { databaseFacts } from './database-facts.ts';
import { reportOf } from './report.ts';

useDatabase();

describe('npm run verify:mongodb', () => {
  it('asks the database for everything that the product relies on', async () => {
    const facts = await databaseFacts();
    expect(facts.filter(({ isGood }) => !isGood)).toEqual([]);
    expect(facts.map(({ what }) => what)).toEqual([
      ...['server', 'deployment', 'transactions with majority writes', 'unique partial indexes', 'sums of Decimal128'],
    ]);
    // a value that is already there is one that the sums don't expect
    await mongoose.connection
      .collection('verify_sums')
      .insertOne({ amount: mongoose.Types.Decimal128.fromString('1') });
    expect((await databaseFacts()).filter(({ isGood }) => !isGood).map(({ what }) => what)).toContain(
      'sums of Decimal128',
    );
  });

  const file = (name: string, results: [name: string, failure?: string][], message = '') => ({
    ...{ name: `/app/test/${name}.test.ts`, message, startTime: 0, endTime: 2_000 },
    assertionResults: results.map(([fullName, failure]) => ({
      ...{ fullName, status: failure === undefined ? 'passed' : 'failed' },
      failureMessages: failure === undefined ? [] : [failure],
    })),
  });

  it('reports each test file, and what failed in it', () => {
    const testResults = [
      file('b', [['one'], ['two', '\n\u001B[31mError: taken\u001B[39m\n  at x']]),
      file('a', [['one']]),
    ];
    expect(reportOf({ testResults }, '/app')).toEqual({
      isSound: false,
      lines: [
        'ok     | test/a.test.ts: 1 passed, 0 failed, 2 s',
        'FAILED | test/b.test.ts: 1 passed, 1 failed, 2 s',
        '         two',
        '           Error: taken',
        '2 passed, 1 failed',
      ],
    });
  });

  it('counts a file that can’t be run as failed, and no tests at all as no success', () => {
    const broken = reportOf(
      { testResults: [file('a', [['one']]), file('b', [], '● Test suite failed to run\n\ncan’t connect\nat x')] },
      '/app',
    );
    expect(broken).toMatchObject({ isSound: false });
    expect(broken.lines).toContain('         can’t connect');
    expect(reportOf({ testResults: [] }, '/app').isSound).toBe(false);
    expect(reportOf({ testResults: [file('a', [['one']])] }, '/app').isSound).toBe(true);
  });
});
