import { type CreditStanding, codeKey, standingOf } from '../../billing/credit/credit.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { lastDayBefore } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { campaignById, codeById, takeClaim } from '../../store/credits/campaign-queries.ts';
import * as queries from '../../store/credits/credit-queries.ts';
import type { CampaignDoc, CreditDoc } from '../../store/credits/credits.ts';
import { groupById, periodsLeftOfAll } from '../../store/groups/group-reads.ts';
import { holdGroup } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { isInAt } from '../../store/groups/membership-reads.ts';
import { labeledProjects } from '../../store/groups/project-reads.ts';
import { invoiceNumbers } from '../../store/invoicing/document-numbers.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { admitTo } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { activeGroup } from '../groups/groups.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { codeId } from './credit-campaigns.ts';
import { awaitsInvoice, openPeriodEnd } from './credit-validity.ts';

const BATCH = 200;
const EXPIRING: Loop<queries.ExpiringCredit> = {
  kind: 'credit',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'expire a credit',
  most: BATCH,
};

/** A credit in a list. */
export interface CreditSummary {
  readonly id: string;
  readonly code: string;
  readonly type: CreditDoc['type'];
  readonly currency: string;
  readonly value: Decimal;
  readonly remaining: Decimal;
  readonly standing: CreditStanding;
  /** The only project that it pays for; null for the whole group. */
  readonly project: { readonly name: string; readonly label: string | null } | null;
  readonly claimedBy: string;
  readonly claimedAt: Date;
  readonly startTime: Date;
  readonly expireTime: Date | null;
  /** The last day on which it is valid, YYYY-MM-DD in the account's time zone. */
  readonly lastDay: string | null;
  /** The amount paid out of a balance. */
  readonly paidOut: Decimal;
  /** What it was used for: the invoices and amounts. */
  readonly used: readonly { readonly invoice: string; readonly amount: Decimal }[];
}

export interface Claim {
  readonly accountId: string;
  readonly code: string;
  readonly billingGroupId: string;
  /** The only project that it should pay for. */
  readonly projectId?: string;
}

/**
 * Claims a code for a group, or for one of its projects. A code can be claimed as often as its campaign allows, and
 * once per group. Concurrent claims can't exceed the limit, because each takes its claim off the code's document in the
 * same transaction as the credit and its event.
 *
 * @throws {Refusal} `credit_code_not_found` (also for codes of other accounts), `credit_code_used`, `credit_code_ended`,
 * `credit_claimed_already`, `credit_wrong_currency`, `billing_group_not_found`, `project_not_found`, `role_needed`
 */
export async function claimCredit(ctx: Ctx, claim: Claim): Promise<CreditSummary> {
  const { account, credit } = await inChange(ctx, claim.accountId, 'edit_groups', async (tx, { account }) => ({
    account,
    credit: await take(tx, account, claim),
  }));
  const [summary] = await summarize(ctx, account, [credit]);
  if (!summary) throw new Error('A claimed credit doesn’t exist');
  return summary;
}

/** A group's credits: those that can still pay first, then the others; in each part, the latest claim first. */
export async function listCredits(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { billingGroupId: string },
): Promise<Page<CreditSummary>> {
  const { account } = await admitTo(ctx, accountId, request.billingGroupId);
  const of = { accountId, billingGroupId: request.billingGroupId };
  const page = await pageOf(
    request,
    () => queries.countCredits(of),
    (part) => queries.creditPage(of, part),
  );
  return { ...page, items: await summarize(ctx, account, page.items) };
}

/** The amounts left on a group's credits that have started and can still pay, in the group's currency. */
export async function remainingCredits(ctx: Ctx, accountId: string, billingGroupId: string): Promise<Decimal> {
  const { account } = await admitTo(ctx, accountId, billingGroupId);
  const now = ctx.clock.now();
  const group = await groupById(accountId, billingGroupId);
  if (!group) return ZERO;
  const openEnd = openPeriodEnd(group, account.timeZone);
  const left = await queries.sumLeft({ accountId, billingGroupId }, { currency: group.currency, now, openEnd });
  return left ? fromDecimal128(left) : ZERO;
}

/**
 * Ends credits that have expired and can't pay any future invoice, each once with an event that states the amount lost.
 * Catches up on missed ones; safe in several processes. @returns how many
 */
export async function expireCredits(ctx: Ctx): Promise<number> {
  const over = queries.eachOver(ctx.clock.now());
  let [tried, done] = [0, 0];
  try {
    await eachOfAll(ctx, EXPIRING, withoutInvoiceToCome(over), async (credit) => {
      tried += 1;
      await inTransaction(ctx, (tx) => expire(tx, credit));
      done += 1;
    });
  } finally {
    if (tried === BATCH) ctx.nudge('credits');
  }
  return done;
}

async function take(tx: Change, account: AccountDoc, claim: Claim): Promise<CreditDoc> {
  const group = await activeGroup(account._id, claim.billingGroupId);
  const code = await codeById(account._id, codeId(account._id, claim.code));
  const campaign = code && (await campaignById(account._id, code.campaignId));
  if (!code || !campaign) throw unknownCode(claim.code);
  assertOpen(tx, campaign, group);
  const before = await queries.creditByCode({ accountId: account._id, billingGroupId: group._id }, code._id);
  if (before) throw claimedAlready(group, before);
  await assertProject(tx, group, claim.projectId);
  if (!(await takeClaim(tx, account._id, code._id))) {
    throw new Refusal('credit_code_used', { code: code.code });
  }
  await holdGroup(tx, group.accountId, group._id);
  const credit: CreditDoc = {
    _id: newId('crd'),
    accountId: account._id,
    campaignId: campaign._id,
    codeId: code._id,
    code: code.code,
    type: campaign.type,
    currency: campaign.currency,
    value: campaign.value,
    remaining: campaign.value,
    billingGroupId: group._id,
    projectId: claim.projectId ?? null,
    claimedBy: actorName(tx.actor),
    claimedAt: tx.clock.now(),
    startTime: campaign.startTime,
    expireTime: campaign.expireTime,
    state: 'claimed',
  };
  await queries.insertCredit(tx, credit);
  await touchOpenEstimates(tx, { accountId: account._id, billingGroupId: group._id });
  await tx.record({
    accountId: account._id,
    type: 'credit_claimed',
    description: `Added ${formatMoney(fromDecimal128(credit.value), credit.currency)} credits to billing group "${group.name}"`,
    billingGroupId: group._id,
    ...(credit.projectId !== null && { projectId: credit.projectId }),
    after: { creditId: credit._id, code: credit.code, type: credit.type },
  });
  return credit;
}

/** Skips credits that a future invoice may use: there may be many, and they must not delay others. */
async function* withoutInvoiceToCome(
  credits: AsyncIterable<queries.ExpiringCredit>,
): AsyncGenerator<queries.ExpiringCredit> {
  for await (const credit of credits) {
    // if this can't be determined, the credit fails in its own turn
    if (!(await awaitsItsInvoice(credit).catch(() => false))) yield credit;
  }
}

async function awaitsItsInvoice(credit: queries.ExpiringCredit): Promise<boolean> {
  return credit.expireTime === null || awaitsInvoice(credit, credit.expireTime);
}

async function expire(tx: Change, { _id: creditId, accountId }: Pick<CreditDoc, '_id' | 'accountId'>): Promise<void> {
  const over = await queries.claimedCredit(accountId, creditId);
  if (!over?.expireTime || (await awaitsInvoice(over, over.expireTime))) return;
  const before = await queries.expireCredit(tx, accountId, creditId, tx.clock.now());
  if (!before) return;
  await touchOpenEstimates(tx, { accountId: before.accountId, billingGroupId: before.billingGroupId });
  const remaining = fromDecimal128(before.remaining);
  const left = remaining.isZero() ? 'after all of it was used' : `with ${formatMoney(remaining, before.currency)} left`;
  await tx.record({
    accountId: before.accountId,
    type: 'credit_expired',
    description: `Credit ${before.code} expired ${left}`,
    billingGroupId: before.billingGroupId,
    ...(before.projectId !== null && { projectId: before.projectId }),
    before: { state: 'claimed' },
    after: { creditId, state: 'expired', left: remaining.toFixed() },
  });
}

async function summarize(
  ctx: Ctx,
  { _id: accountId, timeZone: zone }: AccountDoc,
  docs: readonly CreditDoc[],
): Promise<CreditSummary[]> {
  if (docs.length === 0) return [];
  const ids = docs.flatMap(({ projectId }) => (projectId === null ? [] : [projectId]));
  const projects = ids.length === 0 ? [] : await labeledProjects(accountId, ids);
  const uses = await queries.usesOfCredits(
    accountId,
    docs.map(({ _id }) => _id),
  );
  const invoiceIds = uses.map((use) => use.invoiceId);
  const numbers = invoiceIds.length === 0 ? new Map<string, string>() : await invoiceNumbers(accountId, invoiceIds);
  const openEnds = await openEndsOf(accountId, zone, docs);
  return docs.map((doc) => {
    const { _id: id, code, type, currency, claimedBy, claimedAt, startTime, expireTime } = doc;
    const remaining = fromDecimal128(doc.remaining);
    const project = projects.find((one) => one._id === doc.projectId);
    return {
      ...{ id, code, type, currency, claimedBy, claimedAt, startTime, expireTime, remaining },
      lastDay: expireTime && lastDayBefore(expireTime, zone),
      value: fromDecimal128(doc.value),
      paidOut: doc.paidOut ? fromDecimal128(doc.paidOut) : ZERO,
      standing: standingOf(
        { startTime, expireTime, remaining },
        ctx.clock.now(),
        openEnds.get(doc.billingGroupId) ?? null,
      ),
      project: project ? { name: project.name, label: project.label } : null,
      used: uses
        .filter(({ creditId }) => creditId === id)
        .map(({ invoiceId, amount }) => ({
          invoice: numbers.get(invoiceId) ?? '',
          amount: fromDecimal128(amount),
        })),
    };
  });
}

/** The end of the next period to be invoiced for the credits' groups, by group ID. */
async function openEndsOf(
  accountId: string,
  zone: string,
  docs: readonly CreditDoc[],
): Promise<ReadonlyMap<string, Date | null>> {
  const ids = [...new Set(docs.map(({ billingGroupId }) => billingGroupId))];
  const groups = await periodsLeftOfAll(accountId, ids);
  return new Map(groups.map((group) => [group._id, openPeriodEnd(group, zone)]));
}

function assertOpen(ctx: Ctx, campaign: CampaignDoc, group: GroupDoc): void {
  const now = ctx.clock.now();
  const isOver = campaign.state === 'ended' || (campaign.expireTime !== null && campaign.expireTime <= now);
  if (isOver) throw new Refusal('credit_code_ended');
  if (campaign.currency !== group.currency) {
    const { currency } = campaign;
    throw new Refusal('credit_wrong_currency', { currency, group: group.name, groupCurrency: group.currency });
  }
}

/** A credit for a project requires that the group currently pays for the project. */
async function assertProject(ctx: Ctx, group: GroupDoc, projectId: string | undefined): Promise<void> {
  if (projectId === undefined) return;
  if (await isInAt(group.accountId, { projectId, billingGroupId: group._id }, ctx.clock.now())) return;
  throw new Refusal('project_not_found', { group: group.name }, { fields: ['project'] });
}

function unknownCode(typed: string): Refusal {
  return new Refusal('credit_code_not_found', { code: codeKey(typed) === '' ? '' : typed.trim().slice(0, 40) });
}

function claimedAlready(group: GroupDoc, before: CreditDoc): Refusal {
  const left = fromDecimal128(before.remaining);
  return new Refusal('credit_claimed_already', { group: group.name, left, currency: before.currency });
}
