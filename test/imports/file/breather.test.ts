import { describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readCamt } from '../../../src/imports/bank/camt.ts';
import { readCosts } from '../../../src/imports/costs/cost-file.ts';
import { inSteps } from '../../../src/imports/file/breather.ts';
import { camt } from '../../support/bank.ts';
import { chunks } from '../focus-file.ts';

const HEADER = [
  ...['BillingAccountId', 'BillingCurrency', 'BillingPeriodStart', 'BilledCost', 'ChargeCategory'],
  ...['ChargePeriodStart', 'ChargePeriodEnd', 'ServiceName', 'SubAccountId'],
];
const ROW = ['b1', 'EUR', '2026-10-01', '5.25', 'Usage', '2026-10-10 00:00:00', '2026-10-10 01:00:00', 'Compute', 'p1'];
/** Far more than are read in one go, on any machine. */
const ROWS = 20_000;

const csv = () =>
  Buffer.from(`${[HEADER, ...Array.from({ length: ROWS }, () => ROW)].map((one) => one.join()).join('\n')}\n`);
const blank = () => Buffer.from(`${HEADER.join()}\n${ROW.join()}\n${'\n'.repeat(5_000_000)}`);
const parquet = () => {
  const columnData = HEADER.map((name, at) => ({
    ...{ name, type: 'STRING' as const },
    data: Array.from({ length: ROWS }, () => ROW[at]),
  }));
  return Buffer.from(parquetWriteBuffer({ columnData }));
};

async function readAll(bytes: Buffer): Promise<void> {
  const source = { bytes: chunks(bytes, 65_536), again: () => chunks(bytes, 65_536) };
  for await (const _row of readCosts(source));
}

/** How often something else could be done meanwhile. */
async function pausesIn(work: () => Promise<unknown>): Promise<number> {
  let pauses = 0;
  let isOver = false;
  const count = () => {
    pauses += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return pauses;
}

describe('a process that reads a large file does other work meanwhile', () => {
  it.each([
    ['CSV', csv],
    ['CSV that is mostly blank lines', blank],
    ['Parquet', parquet],
  ])('%s', async (_kind, make) => {
    const bytes = make();
    expect(await pausesIn(() => readAll(bytes))).toBeGreaterThan(5);
  });

  it('CAMT.053', async () => {
    const entries = Array.from({ length: 2_000 }, (_, at) => ({ amount: `${at + 1}.00`, purpose: `ACME-${at}` }));
    const bytes = Buffer.from(camt(entries));
    let lines = 0;
    const pauses = await pausesIn(async () => {
      lines = (await inSteps(readCamt(bytes))).lines.length;
    });
    expect(pauses).toBeGreaterThan(5);
    expect(lines).toBe(2_000);
  });
});
