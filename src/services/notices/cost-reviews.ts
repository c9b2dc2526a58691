import { ACCOUNT_SETTINGS } from '../../billing/account/account-settings.ts';
import { count } from '../../billing/money/count.ts';
import { latestDue, periodName } from '../../billing/period/period.ts';
import { accountOrFail, accountsAskingForReviews } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { type Leading, leadsOfProjects } from '../../store/groups/project-leads.ts';
import { lineCellsOf } from '../../store/invoicing/month-cells.ts';
import { newId } from '../../store/kit/ids.ts';
import {
  type IssuedInvoice,
  insertReview,
  isReviewedElsewhere,
  type ReviewerDoc,
  unreviewedInvoices,
} from '../../store/notices/cost-reviews.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { restOnAccount } from '../kit/account-change.ts';
import { automatic, type Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { peopleOf } from '../moves/move-people.ts';
import { isLargeChange } from './review-figures.ts';

/** How many of an account's invoices are looked at in one run. */
const MOST_INVOICES = 100;
/** How many people are asked about one invoice. */
export const MOST_REVIEWERS = 100;

const STARTING: Loop<IssuedInvoice> = {
  kind: 'cost-review',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId, invoiceId: id }),
  what: 'ask for a review of the costs',
  inTurn: true,
};

/**
 * Begins the review of every issued invoice of the latest month, in accounts that ask for it: writes down who is asked,
 * with an event, once per invoice. Safe to run at any time and in several processes: a unique index decides. The job
 * then sends the messages.
 *
 * @returns how many were begun
 */
export async function startReviews(ctx: Ctx): Promise<number> {
  const due: IssuedInvoice[] = [];
  for (const { _id, timeZone } of await accountsAskingForReviews()) {
    due.push(...(await unreviewedInvoices(_id, latestDue(ctx.clock.now(), timeZone, 0), MOST_INVOICES)));
  }
  let started = 0;
  await eachOfAll(ctx, STARTING, due, async (invoice) => {
    if (await start(automatic(ctx), invoice)) started += 1;
  });
  return started;
}

/** @returns false if another process was first, or the account no longer asks */
async function start(ctx: Ctx, invoice: IssuedInvoice): Promise<boolean> {
  const { _id: invoiceId, accountId, billingGroupId, period } = invoice;
  // with many leads, the comparisons take longer than a transaction may: issued months stay as they are
  const compared: Compared = new Map();
  const before = await reviewedOf(invoice);
  if (before) await reviewersOf(ctx, before, compared);
  try {
    return await inTransaction(ctx, async (tx) => {
      await restOnAccount(tx, accountId);
      const reviewed = await reviewedOf(invoice);
      if (!reviewed) return false;
      const { group } = reviewed;
      const people = await reviewersOf(tx, reviewed, compared);
      const isUntold = people.length > 0;
      await insertReview(tx, {
        ...{ _id: newId('rev'), accountId, billingGroupId, invoiceId, period, startedAt: tx.clock.now(), people },
        ...(isUntold && { untold: true }),
      });
      if (!isUntold) return true;
      await tx.record({
        ...{ accountId, billingGroupId, invoiceId, type: 'cost_review_started' },
        description: `Asked ${count(people.length, 'person', 'people')} to review the costs of billing group "${group.name}" for ${periodName(period)}`,
        after: { people: people.length, explanations: people.filter(({ needsReason }) => needsReason).length },
      });
      tx.nudge('reviews');
      return true;
    });
  } catch (error) {
    if (isReviewedElsewhere(error)) return false;
    throw error;
  }
}

interface Reviewed {
  readonly account: AccountDoc;
  readonly group: GroupDoc;
  readonly invoice: IssuedInvoice;
}

/** Whether the change of some projects' costs, or of the whole invoice's, is above a limit, by both. */
type Compared = Map<string, boolean>;

/** @returns undefined if the account doesn't ask for reviews any longer */
async function reviewedOf(invoice: IssuedInvoice): Promise<Reviewed | undefined> {
  const account = await accountOrFail(invoice.accountId);
  const group = await groupById(invoice.accountId, invoice.billingGroupId);
  return account.costReviews === 'ask' && group ? { account, group, invoice } : undefined;
}

/**
 * The group's approvers by name, and the leads of projects on the invoice, as far as they can see the account.
 *
 * @param compared what is known already; gets what isn't
 */
async function reviewersOf(ctx: Ctx, reviewed: Reviewed, compared: Compared): Promise<ReviewerDoc[]> {
  const { account, group, invoice } = reviewed;
  const active = new Set((await peopleOf(account._id)).map(({ userId }) => userId));
  const approvers = group.approverIds.filter((id) => active.has(id));
  const cells = await lineCellsOf(account._id, { invoiceIds: [invoice._id] });
  const costing = new Set(cells.flatMap(({ isCost, projectId }) => (isCost ? [projectId] : [])));
  const leading = await leadsOfProjects(account._id, [...costing]);
  const leads = byPerson(leading.filter(({ userId }) => active.has(userId) && !approvers.includes(userId)));
  const limit = account.explainAbove ?? ACCOUNT_SETTINGS.explainAbove.initial;
  const people: ReviewerDoc[] = [];
  const asked: [string, readonly string[]][] = [...approvers.map((id): [string, string[]] => [id, []]), ...leads];
  for (const [userId, projectIds] of asked.slice(0, MOST_REVIEWERS)) {
    const key = [limit, ...projectIds].join(' ');
    const needsReason = compared.get(key) ?? (await isLargeChange(ctx, { ...invoice, group, projectIds }, limit));
    compared.set(key, needsReason);
    people.push({ userId, projectIds, needsReason, toldAt: null, seenAt: null, reason: null });
  }
  return people;
}

/** The projects of each person, in the order of their IDs. */
function byPerson(leading: readonly Leading[]): [string, readonly string[]][] {
  const led = new Map<string, Set<string>>();
  for (const { userId, projectId } of leading) led.set(userId, (led.get(userId) ?? new Set()).add(projectId));
  return [...led].sort(([a], [b]) => (a < b ? -1 : 1)).map(([userId, ids]) => [userId, [...ids].sort()]);
}
