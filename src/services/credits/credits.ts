import { type CreditStanding, codeKey, standingOf } from '../../billing/credit/credit.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { lastDayBefore } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type AccountDoc, Accounts } from '../../store/accounts/accounts.ts';
import {
  type CampaignDoc,
  Campaigns,
  Codes,
  Consumptions,
  type CreditDoc,
  Credits,
} from '../../store/credits/credits.ts';
import { type GroupDoc, Groups, heldAt, Memberships, Projects } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { activeGroup } from '../groups/groups.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { holdGroup } from '../projects/projects.ts';
import { codeId } from './credit-campaigns.ts';
import { awaitsInvoice, openPeriodEnd, stillPays } from './credit-validity.ts';

const BATCH = 200;
const EXPIRING: Loop<Pick<CreditDoc, '_id' | 'accountId' | 'billingGroupId'>> = {
  kind: 'credit',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'expire a credit',
  most: BATCH,
};

/** A credit as it is listed. */
export interface CreditSummary {
  readonly id: string;
  readonly code: string;
  readonly type: CreditDoc['type'];
  readonly currency: string;
  readonly value: Decimal;
  readonly remaining: Decimal;
  readonly standing: CreditStanding;
  /** The one project that it pays for; null for all of the group. */
  readonly project: { readonly name: string; readonly label: string | null } | null;
  readonly claimedBy: string;
  readonly claimedAt: Date;
  readonly startTime: Date;
  readonly expireTime: Date | null;
  /** The last day on which it is valid, YYYY-MM-DD in the account's time zone. */
  readonly lastDay: string | null;
  /** What was paid out of a balance. */
  readonly paidOut: Decimal;
  /** Where it went: which invoice took how much. */
  readonly used: readonly { readonly invoice: string; readonly amount: Decimal }[];
}

export interface Claim {
  readonly accountId: string;
  readonly code: string;
  readonly billingGroupId: string;
  /** The one project that it is to pay for. */
  readonly projectId?: string;
}

/**
 * Puts a code on a group, or on one of its projects. A code can be claimed as often as its campaign says, and once a
 * group: of any number that try at the same time just as many succeed, since each takes its claim off the code's own
 * document in the transaction of the credit and its event.
 *
 * @throws {Refusal} `credit_code_not_found` (also for codes of other accounts), `credit_code_used`, `credit_code_ended`,
 * `credit_claimed_already`, `credit_wrong_currency`, `billing_group_not_found`, `project_not_found`, `role_needed`
 */
export async function claimCredit(ctx: Ctx, claim: Claim): Promise<CreditSummary> {
  const credit = await inChange(ctx, claim.accountId, 'edit_groups', (tx, { account }) => take(tx, account, claim));
  const [summary] = await summarise(ctx, [credit]);
  if (!summary) throw new Error('A credit that was claimed is not there');
  return summary;
}

/** A group's credits: those that still pay first, then the others, the latest claim first in each. */
export async function listCredits(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { billingGroupId: string },
): Promise<Page<CreditSummary>> {
  await admit(ctx, accountId, 'see');
  const filter = { billingGroupId: request.billingGroupId, accountId };
  const total = await Credits.countDocuments(filter);
  const { skip, page, pages } = placeOf(request, total);
  // 'claimed' stands before 'expired'
  const docs = await Credits.find(filter).sort({ state: 1, claimedAt: -1 }).skip(skip).limit(request.size).lean();
  return { items: await summarise(ctx, docs), page, pages, total };
}

/** What is left of a group's credits that have begun and still pay for something, in the group's currency. */
export async function creditsLeft(ctx: Ctx, accountId: string, billingGroupId: string): Promise<Decimal> {
  const { account } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const group = await Groups.findOne({ _id: billingGroupId, accountId }).lean();
  if (!group) return ZERO;
  const openEnd = openPeriodEnd(group, account.timeZone);
  const [left] = await Credits.aggregate<{ amount: Decimal128 }>([
    {
      $match: {
        billingGroupId,
        accountId,
        state: 'claimed',
        currency: group.currency,
        startTime: { $lte: now },
        ...stillPays(now, openEnd),
      },
    },
    { $group: { _id: null, amount: { $sum: '$remaining' } } },
  ]);
  return left ? fromDecimal128(left.amount) : ZERO;
}

/**
 * Ends the credits whose time is over and which can pay for no invoice to come, each once with its event, which says what was lost. What was missed is made up
 * for; safe in several processes. @returns how many
 */
export async function expireCredits(ctx: Ctx): Promise<number> {
  const isOver = { state: 'claimed', expireTime: { $ne: null, $lte: ctx.clock.now() } } as const;
  const over = Credits.find(isOver, { accountId: 1, billingGroupId: 1, expireTime: 1 }).sort({ expireTime: 1 }).lean();
  let [tried, done] = [0, 0];
  try {
    await eachOfAll(ctx, EXPIRING, withoutInvoiceToCome(over.cursor()), async ({ _id }) => {
      tried += 1;
      await inTransaction(ctx, (tx) => expire(tx, _id));
      done += 1;
    });
  } finally {
    if (tried === BATCH) ctx.nudge('credits');
  }
  return done;
}

async function take(tx: Change, account: AccountDoc, claim: Claim): Promise<CreditDoc> {
  const group = await activeGroup(account._id, claim.billingGroupId);
  const code = await Codes.findById(codeId(account._id, claim.code)).lean();
  const campaign = code && (await Campaigns.findById(code.campaignId).lean());
  if (!code || !campaign) throw unknownCode(claim.code);
  assertOpen(tx, campaign, group);
  const before = await Credits.findOne({ billingGroupId: group._id, codeId: code._id }).lean();
  if (before) throw claimedAlready(group, before);
  await assertProject(tx, group, claim.projectId);
  const { modifiedCount } = await Codes.updateOne(
    { _id: code._id, claimsLeft: { $gt: 0 } },
    { $inc: { claimsLeft: -1 } },
  );
  if (modifiedCount === 0) {
    throw faultIn('credit_code_used', `The code ${code.code} has been claimed as often as it can be.`);
  }
  await holdGroup(tx, group._id);
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
  await Credits.create([credit]);
  await touchOpenEstimates(tx, { accountId: account._id, billingGroupId: group._id });
  await tx.record({
    accountId: account._id,
    type: 'credit_claimed',
    description: `Added ${formatMoney(fromDecimal128(credit.value), credit.currency)} credits to the billing group "${group.name}"`,
    billingGroupId: group._id,
    ...(credit.projectId !== null && { projectId: credit.projectId }),
    after: { creditId: credit._id, code: credit.code, type: credit.type },
  });
  return credit;
}

/** Leaves out credits that an invoice to come may use: they may be many, and keep no other from its turn. */
async function* withoutInvoiceToCome<T extends Pick<CreditDoc, 'billingGroupId' | 'expireTime'>>(
  credits: AsyncIterable<T>,
): AsyncGenerator<T> {
  for await (const credit of credits) {
    const { billingGroupId, expireTime } = credit;
    if (expireTime !== null && !(await awaitsInvoice(billingGroupId, expireTime))) yield credit;
  }
}

async function expire(tx: Change, creditId: string): Promise<void> {
  const over = await Credits.findOne({ _id: creditId, state: 'claimed' }, { billingGroupId: 1, expireTime: 1 }).lean();
  if (!over?.expireTime || (await awaitsInvoice(over.billingGroupId, over.expireTime))) return;
  const before = await Credits.findOneAndUpdate(
    { _id: creditId, state: 'claimed', expireTime: { $ne: null, $lte: tx.clock.now() } },
    { $set: { state: 'expired' } },
  ).lean();
  if (!before) return;
  await touchOpenEstimates(tx, { accountId: before.accountId, billingGroupId: before.billingGroupId });
  const left = formatMoney(fromDecimal128(before.remaining), before.currency);
  await tx.record({
    accountId: before.accountId,
    type: 'credit_expired',
    description: `Credit ${before.code} expired with ${left} left`,
    billingGroupId: before.billingGroupId,
    ...(before.projectId !== null && { projectId: before.projectId }),
    before: { state: 'claimed' },
    after: { creditId, state: 'expired', left: fromDecimal128(before.remaining).toFixed() },
  });
}

async function summarise(ctx: Ctx, docs: readonly CreditDoc[]): Promise<CreditSummary[]> {
  const ids = docs.flatMap(({ projectId }) => (projectId === null ? [] : [projectId]));
  const projects = ids.length === 0 ? [] : await Projects.find({ _id: { $in: ids } }, { name: 1, label: 1 }).lean();
  const uses = await Consumptions.find({ creditId: { $in: docs.map(({ _id }) => _id) } })
    .sort({ at: 1 })
    .lean();
  const invoices =
    uses.length === 0
      ? []
      : await Invoices.find({ _id: { $in: uses.map((use) => use.invoiceId) } }, { number: 1 }).lean();
  const places = await placesOf(docs);
  return docs.map((doc) => {
    const { _id: id, code, type, currency, claimedBy, claimedAt, startTime, expireTime } = doc;
    const remaining = fromDecimal128(doc.remaining);
    const project = projects.find((one) => one._id === doc.projectId);
    const place = places.get(doc.billingGroupId);
    return {
      ...{ id, code, type, currency, claimedBy, claimedAt, startTime, expireTime, remaining },
      lastDay: expireTime && lastDayBefore(expireTime, place?.zone ?? 'Etc/UTC'),
      value: fromDecimal128(doc.value),
      paidOut: doc.paidOut ? fromDecimal128(doc.paidOut) : ZERO,
      standing: standingOf({ startTime, expireTime, remaining }, ctx.clock.now(), place?.openEnd ?? null),
      project: project ? { name: project.name, label: project.label } : null,
      used: uses
        .filter(({ creditId }) => creditId === id)
        .map(({ invoiceId, amount }) => ({
          invoice: invoices.find(({ _id }) => _id === invoiceId)?.number ?? '',
          amount: fromDecimal128(amount),
        })),
    };
  });
}

/** The end of the next period to be invoiced, and the time zone, of the credits' groups by their ids. */
async function placesOf(
  docs: readonly CreditDoc[],
): Promise<ReadonlyMap<string, { readonly openEnd: Date | null; readonly zone: string }>> {
  const ids = [...new Set(docs.map(({ billingGroupId }) => billingGroupId))];
  const groups = await Groups.find({ _id: { $in: ids } }, { accountId: 1, nextPeriod: 1, finalPeriod: 1 }).lean();
  const accountIds = [...new Set(groups.map(({ accountId }) => accountId))];
  const accounts = await Accounts.find({ _id: { $in: accountIds } }, { timeZone: 1 }).lean();
  const zoneOf = new Map(accounts.map(({ _id, timeZone }) => [_id, timeZone]));
  return new Map(
    groups.map((group) => {
      const zone = zoneOf.get(group.accountId) ?? 'Etc/UTC';
      return [group._id, { openEnd: openPeriodEnd(group, zone), zone }];
    }),
  );
}

function assertOpen(ctx: Ctx, campaign: CampaignDoc, group: GroupDoc): void {
  const now = ctx.clock.now();
  const isOver = campaign.state === 'ended' || (campaign.expireTime !== null && campaign.expireTime <= now);
  if (isOver) throw faultIn('credit_code_ended', 'This code can’t be claimed any more: its time is over.');
  if (campaign.currency !== group.currency) {
    throw faultIn(
      'credit_wrong_currency',
      `This code is worth ${campaign.currency}, and “${group.name}” is invoiced in ${group.currency}.`,
    );
  }
}

/** A project's credit is for a project that the group pays for now. */
async function assertProject(ctx: Ctx, group: GroupDoc, projectId: string | undefined): Promise<void> {
  if (projectId === undefined) return;
  const held = { projectId, billingGroupId: group._id, ...heldAt(ctx.clock.now()) };
  if (await Memberships.exists(held)) return;
  const sentence = `There is no such project in “${group.name}”.`;
  throw new Refusal('project_not_found', sentence, { fields: { project: sentence } });
}

function unknownCode(typed: string): Refusal {
  const shown = codeKey(typed) === '' ? 'That' : `“${typed.trim().slice(0, 40)}”`;
  return faultIn('credit_code_not_found', `${shown} is no code that is known here.`);
}

function claimedAlready(group: GroupDoc, before: CreditDoc): Refusal {
  const left = formatMoney(fromDecimal128(before.remaining), before.currency);
  return faultIn('credit_claimed_already', `“${group.name}” has this code already; ${left} of it are left.`);
}

function faultIn(code: string, sentence: string): Refusal {
  return new Refusal(code, sentence, { fields: { code: sentence } });
}
