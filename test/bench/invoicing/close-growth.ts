import { z } from 'zod';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices, InvoiceTrails, Lines } from '../../../src/store/invoicing/invoices.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { accountWithGroups, bareGroup } from '../focus-account.ts';
import { judge, measure, median, RUNS } from '../measure.ts';

/** Target, at the largest size: times one bare $group. */
const MOST_TIMES = 1;
const MOST_MB = 250;
const PERIOD = toPeriod('2024-09');
/** Groups, and usage records. */
const SIZES = [
  [10, 10_000],
  [100, 100_000],
  [1_000, 1_000_000],
] as const;
const outcome = z.object({ seconds: z.number(), megabytes: z.number() });

/**
 * How the close of a whole account grows, in time compared with one bare $group over the same records, and in memory.
 */
export async function benchCloseGrowth(uri: string): Promise<void> {
  for (const [groups, rows] of SIZES) {
    const accountId = await accountWithGroups(groups, rows);
    const runs: z.infer<typeof outcome>[] = [];
    for (let at = 0; at < RUNS; at++) {
      await reopen(accountId);
      // a separate process, so that its memory is the close's alone
      const child = startChild('test/children/close-account.ts', [uri, accountId, PERIOD]);
      runs.push(outcome.parse(JSON.parse(await nextLine(child))));
      await child.ended;
    }
    const bare = await measure(
      RUNS,
      async () => undefined,
      () => bareGroup(accountId),
    );
    const seconds = median(runs.map((run) => run.seconds));
    const megabytes = Math.max(...runs.map((run) => run.megabytes));
    judge(
      `Close of ${groups} groups over ${rows} usage records in ${seconds.toFixed(2)} s; times one bare $group (${bare.median.toFixed(2)} s), peak memory`,
      { value: seconds / bare.median, most: MOST_TIMES },
      { value: megabytes, most: MOST_MB, unit: ' MB' },
    );
  }
}

/** Restores the state before the close, so that it can be repeated. */
async function reopen(accountId: string): Promise<void> {
  const ids = (await Invoices.find({ accountId }, { _id: 1 }).lean()).map(({ _id }) => _id);
  await Lines.deleteMany({ invoiceId: { $in: ids } });
  await InvoiceTrails.deleteMany({ _id: { $in: ids } });
  await Invoices.deleteMany({ accountId });
  await Groups.updateMany({ accountId }, { $set: { nextPeriod: PERIOD } });
}
