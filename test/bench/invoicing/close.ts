import { toPeriod } from '../../../src/billing/period/period.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { closeTogether } from '../../../src/services/invoicing/close-together.ts';
import { groupsToClose } from '../../../src/store/groups/group-reads.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { accountWithGroups, bareGroup } from '../focus-account.ts';
import { ctx, ROWS } from '../import.ts';
import { measure, RUNS, say } from '../measure.ts';

const GROUPS = 100;
const PERIOD = toPeriod('2024-09');

/** Closes a month of all groups of an account, as the job does. @returns how many invoices were issued */
export async function closeMonth(accountId: string, period: typeof PERIOD): Promise<number> {
  let issued = 0;
  await closeTogether(ctx, await groupsToClose(accountId, period), {
    due: period,
    kind: 'close',
    count: () => {
      issued += 1;
    },
  });
  return issued;
}

/**
 * The close of 100 groups over 100,000 usage records, together and one by one, compared with one bare $group over the
 * same records.
 */
export async function benchClose(): Promise<void> {
  let accountId = '';
  const queries = new QueryCounter();
  const taken = { together: 0, single: 0 };
  const prepare = async () => {
    accountId = await accountWithGroups(GROUPS, ROWS);
    queries.take();
  };
  const together = await measure(RUNS, prepare, async () => {
    const issued = await closeMonth(accountId, PERIOD);
    if (issued !== GROUPS) throw new Error(`Only ${issued} invoices were issued`);
    taken.together = queries.take().length;
  });
  const single = await measure(RUNS, prepare, async () => {
    for (const { _id } of await groupsToClose(accountId, PERIOD)) await closeInvoice(ctx, { _id, accountId }, PERIOD);
    taken.single = queries.take().length;
  });
  const bare = await measure(
    RUNS,
    async () => undefined,
    () => bareGroup(accountId),
  );
  say(`Close of ${GROUPS} groups over ${ROWS} usage records; one bare $group over them: ${bare.median.toFixed(2)} s`);
  for (const [how, { median }, commands] of [
    ['together', together, taken.together],
    ['one by one', single, taken.single],
  ] as const) {
    const ratio = (median / bare.median).toFixed(2);
    say(`  ${how}: ${median.toFixed(2)} s, ${(commands / GROUPS).toFixed(1)} commands per group; ratio ${ratio}`);
  }
}
