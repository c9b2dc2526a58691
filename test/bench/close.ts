import { nameKey } from '../../src/billing/group/names.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { inTransaction } from '../../src/services/kit/transaction.ts';
import { makeProject } from '../../src/services/projects/projects.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { benchAccount, ctx, focusFile, ROWS } from './import.ts';
import { measure, say } from './measure.ts';

const RUNS = 5;
const GROUPS = 100;
const PERIOD = toPeriod('2024-09');

/** The close of 100 groups over 100,000 usage records, beside one bare $group over the same records. */
export async function benchClose(): Promise<void> {
  let accountId = '';
  const closes = await measure(
    RUNS,
    async () => {
      accountId = await accountWithGroups();
    },
    async () => {
      for (const { _id } of await Groups.find({ accountId }, { _id: 1 }).lean())
        await closeInvoice(ctx, { _id, accountId }, PERIOD);
    },
  );
  const bare = await measure(
    RUNS,
    async () => undefined,
    async () => {
      const key = {
        project: '$projectId',
        service: '$serviceName',
        plan: '$servicePlan',
        type: '$lineType',
        currency: '$currency',
      };
      await Costs.aggregate([{ $match: { accountId } }, { $group: { _id: key, amount: { $sum: '$amount' } } }]);
    },
  );
  say(
    `Close of ${GROUPS} groups over ${ROWS} usage records: ${closes.median.toFixed(2)} s; one bare $group: ${bare.median.toFixed(2)} s`,
  );
  say(`Ratio: ${(closes.median / bare.median).toFixed(2)}`);
}

async function accountWithGroups(): Promise<string> {
  await Costs.deleteMany({});
  const { _id: accountId } = await benchAccount();
  const account = await Accounts.findById(accountId).orFail().lean();
  for (let at = 0; at < GROUPS; at++) {
    const group = await createGroup(ctx, { accountId, name: nameKey(`Group ${at}`) });
    const project = { name: `p${at}`, label: null, externalId: `p${at}`, billingGroupId: group._id };
    await inTransaction(ctx, (tx) => makeProject(tx, account, project));
  }
  await importFocus(ctx, { accountId, fileName: 'x', replace: false, open: () => focusFile(ROWS, GROUPS) });
  return accountId;
}
