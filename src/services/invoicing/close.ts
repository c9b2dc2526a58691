import { latestDue, nextPeriod, type Period, spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountsByIds } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { accountsWithGroupsToClose, type DueGroup, groupById, groupsToClose } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import type { InvoiceName } from '../../store/invoicing/invoice-reads.ts';
import { eachDraft } from '../../store/invoicing/invoices-to-do.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, eachStep, forgetOutside, type Loop } from '../background/each-of-all.ts';
import type { Ctx } from '../kit/context.ts';
import { type CloseResult, closeGroups, finishDrafts } from './close-steps.ts';
import { closeTogether, lastOf } from './close-together.ts';

export type { CloseResult } from './close-steps.ts';

/** The maximum number of groups closed in one tick. */
const BATCH = 100;
/** How many accounts are closed in parallel. The groups of an account follow one another, and so do its numbers. */
const ACCOUNTS_AT_ONCE = 4;
/** The time zone in which a month ends first. */
const FIRST_ZONE = 'Etc/GMT-14';
const FINISHING: Loop<InvoiceName> = {
  kind: 'draft',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'finish the invoice',
  most: BATCH,
  atOnce: ACCOUNTS_AT_ONCE,
  inTurn: true,
};
const CLOSING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'close-account',
  whole: 'everywhere',
  name: ({ _id }) => ({ id: _id, accountId: _id }),
  what: 'close the month',
  atOnce: ACCOUNTS_AT_ONCE,
  inTurn: true,
};
const CLOSING: Loop<DueGroup> = {
  kind: 'close',
  name: ({ _id: id, accountId }) => ({ id, accountId, billingGroupId: id }),
  what: 'issue the invoice',
};

/** Identifies a group and its account. */
export type GroupName = Pick<GroupDoc, '_id' | 'accountId'>;

/**
 * Issues a group's invoice for a period when a person asks for it, without waiting for the account's close delay. Safe
 * to repeat, concurrently and from several processes: there is one invoice per group and period.
 *
 * @throws {Refusal} `period_not_over`, `period_out_of_order` (an earlier period has to be invoiced first),
 * `role_needed`
 */
export async function issueInvoice(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; period: Period },
): Promise<CloseResult> {
  const { account } = await admit(ctx, input.accountId, 'issue');
  const group = await groupById(account._id, input.billingGroupId);
  if (!group) throw new Refusal('billing_group_not_found', {});
  const { end } = spanOf(input.period, account.timeZone);
  if (ctx.clock.now() < end) throw new Refusal('period_not_over', { period: input.period });
  if (group.nextPeriod < input.period) {
    const wanted = input.period;
    throw new Refusal('period_out_of_order', { group: group.name, first: group.nextPeriod, wanted });
  }
  return closeInvoice(ctx, group, input.period);
}

/** Closes a group's period, as `closeGroups` does. */
export async function closeInvoice(ctx: Ctx, { _id, accountId }: GroupName, period: Period): Promise<CloseResult> {
  const results = await closeGroups(ctx, { accountId, groupIds: [_id], period });
  const result = results.get(_id);
  if (!result) throw new Error(`Group ${_id} has no invoice for ${period}`);
  return result;
}

/**
 * Closes everything that is due in every account, and finishes drafts left by a crash. A group whose close fails
 * doesn't delay the others.
 *
 * @returns how many were issued
 * @throws the first failure, after all were processed
 */
export async function closeDue(ctx: Ctx): Promise<number> {
  let issued = 0;
  const count = ({ outcome }: CloseResult) => {
    issued += outcome === 'issued' ? 1 : 0;
  };
  await eachStep(ctx, {
    drafts: () =>
      eachOfAll(ctx, FINISHING, eachDraft(), async ({ _id, accountId }) => {
        const result = (await finishDrafts(ctx, accountId, [{ _id }])).get(_id);
        if (result) count(result);
      }),
    accounts: async () => {
      const latest = latestDue(ctx.clock.now(), FIRST_ZONE, 0);
      const accounts = await accountsByIds(await accountsWithGroupsToClose(latest));
      await forgetOutside(ctx, CLOSING.kind, accounts);
      await eachOfAll(ctx, CLOSING_ACCOUNTS, accounts, (account) => closeAccount(ctx, account, count));
    },
  });
  return issued;
}

/**
 * Closes the groups of an account: first many together, then alone those whose close failed, which would fail together
 * with others, or take too long.
 */
async function closeAccount(ctx: Ctx, account: AccountDoc, count: (result: CloseResult) => void): Promise<void> {
  const due = latestDue(ctx.clock.now(), account.timeZone, account.closeDelayHours);
  const left = await closeTogether(ctx, await groupsToClose(account._id, due), { due, kind: CLOSING.kind, count });
  await eachOfAll(ctx, { ...CLOSING, whole: { accountId: account._id } }, left, async (group) => {
    const last = lastOf(group, due);
    for (let period = group.nextPeriod; period <= last; period = nextPeriod(period)) {
      const result = await closeInvoice(ctx, group, period);
      if (result.outcome === 'held_back') break;
      count(result);
    }
  });
}
