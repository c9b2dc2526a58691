import { nameKey } from '../../src/billing/group/names.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { inTransaction } from '../../src/services/kit/transaction.ts';
import { makeProject } from '../../src/services/projects/projects.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { benchAccount, ctx, focusFile } from './import.ts';

/** An account whose groups have a project each, with that many usage records. @returns its ID */
export async function accountWithGroups(groups: number, rows: number): Promise<string> {
  await Costs.deleteMany({});
  const { _id: accountId } = await benchAccount();
  const account = await Accounts.findById(accountId).orFail().lean();
  for (let at = 0; at < groups; at++) {
    const group = await createGroup(ctx, { accountId, name: nameKey(`Group ${at}`) });
    const project = { name: `p${at}`, label: null, externalId: `p${at}`, billingGroupId: group._id };
    await inTransaction(ctx, (tx) => makeProject(tx, account, project));
  }
  await importFocus(ctx, { accountId, fileName: 'x', replace: false, open: () => focusFile(rows, groups) });
  return accountId;
}

/** The least that any close has to do: one $group over the same records. */
export async function bareGroup(accountId: string): Promise<void> {
  const key = {
    project: '$projectId',
    service: '$serviceName',
    plan: '$servicePlan',
    type: '$lineType',
    currency: '$currency',
  };
  await Costs.aggregate([{ $match: { accountId } }, { $group: { _id: key, amount: { $sum: '$amount' } } }]);
}
