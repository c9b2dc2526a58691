import { toPeriod } from '../../src/billing/period/period.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { accountWithGroups, bareGroup } from './focus-account.ts';
import { ctx, ROWS } from './import.ts';
import { measure, say } from './measure.ts';

const RUNS = 5;
const GROUPS = 100;
const PERIOD = toPeriod('2024-09');

/** The close of 100 groups over 100,000 usage records, compared with one bare $group over the same records. */
export async function benchClose(): Promise<void> {
  let accountId = '';
  const closes = await measure(
    RUNS,
    async () => {
      accountId = await accountWithGroups(GROUPS, ROWS);
    },
    async () => {
      for (const { _id } of await Groups.find({ accountId }, { _id: 1 }).lean())
        await closeInvoice(ctx, { _id, accountId }, PERIOD);
    },
  );
  const bare = await measure(
    RUNS,
    async () => undefined,
    () => bareGroup(accountId),
  );
  say(
    `Close of ${GROUPS} groups over ${ROWS} usage records: ${closes.median.toFixed(2)} s; one bare $group: ${bare.median.toFixed(2)} s`,
  );
  say(`Ratio: ${(closes.median / bare.median).toFixed(2)}`);
}
