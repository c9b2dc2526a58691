import { cleanName, nameLength } from '../../billing/group/names.ts';
import { type AdjustmentKind, DESCRIPTION_LIMIT } from '../../billing/invoice/adjustment.ts';
import { scopeText } from '../../billing/invoice/discount.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { readPercentage } from '../../billing/money/typed-number.ts';
import { isUsualYear, type Period, periodName, shiftPeriod, toPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupOrFail, nextPeriodsOf } from '../../store/groups/group-reads.ts';
import { holdGroup } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { isEverIn } from '../../store/groups/membership-reads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import {
  type AdjustmentDoc,
  adjustmentById,
  adjustmentPage,
  countAdjustments,
  insertAdjustment,
  setLastMonth,
} from '../../store/invoicing/adjustments.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { admit, admitTo } from '../access/rights.ts';
import { activeGroup } from '../groups/groups.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import type { Change } from '../kit/transaction.ts';
import { touchEstimates, touchOpenEstimates } from './estimates.ts';
import { scopeOf } from './invoice-terms.ts';

const MOST_PERCENTAGE_DECIMALS = 6;

/** An agreement with a billing group in addition to its costs. Amounts and percentages are as typed. */
export interface NewAdjustment {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly kind: AdjustmentKind;
  readonly description: string;
  /** For a discount in percent: up to 100. */
  readonly percentage?: string;
  readonly amount?: string;
  /** ISO 4217, of the amount; the group's currency by default. */
  readonly currency?: string;
  /** For discounts and charges. */
  readonly projectId?: string;
  /** For discounts. */
  readonly serviceName?: string;
  /** For charges. */
  readonly isMonthly?: boolean;
  /** The first month; the group's open month by default. */
  readonly from?: string;
  /** The last month; without one, it applies until further notice. */
  readonly until?: string;
}

/** An adjustment in a list. */
export interface AdjustmentSummary extends Omit<AdjustmentDoc, '_id' | 'percentage' | 'amount' | 'createdAt'> {
  readonly id: string;
  readonly billingGroupName: string;
  readonly percentage: Decimal | null;
  readonly amount: Decimal | null;
  /** Whether it applies to no month that still has to be invoiced. */
  readonly isOver: boolean;
}

/**
 * Creates a discount, an extra charge or a commitment, starting with a month that hasn't been invoiced yet.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `billing_group_not_found`, `role_needed`
 */
export async function createAdjustment(ctx: Ctx, input: NewAdjustment): Promise<AdjustmentSummary> {
  return inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const group = await activeGroup(account._id, input.billingGroupId);
    await holdGroup(tx, group.accountId, group._id);
    const project = input.projectId === undefined ? null : await projectOf(group, input.projectId);
    const doc = { ...checked(input, group), projectName: project?.name ?? null, createdAt: tx.clock.now() };
    const summary = summaryOf(doc, group);
    await insertAdjustment(tx, doc);
    await tx.record({
      accountId: account._id,
      type: `${doc.kind}_created`,
      description: `Added ${doc.kind} to billing group "${group.name}": ${adjustmentText(summary)}`,
      billingGroupId: group._id,
      ...(doc.projectId !== null && { projectId: doc.projectId }),
      after: { adjustmentId: doc._id, ...plainOf(doc) },
    });
    await touch(tx, account, group);
    return summary;
  });
}

/**
 * Ends an adjustment with the last invoiced month, so that it applies to no later one. Safe to repeat.
 *
 * @throws {Refusal} `adjustment_not_found`, `role_needed`
 */
export async function endAdjustment(
  ctx: Ctx,
  input: { readonly accountId: string; readonly id: string },
): Promise<AdjustmentSummary> {
  return inChange(ctx, input.accountId, 'edit_groups', async (tx, { account }) => {
    const before = await adjustmentById(account._id, input.id);
    if (!before) throw new Refusal('adjustment_not_found');
    const group = await groupOrFail(account._id, before.billingGroupId);
    await holdGroup(tx, group.accountId, group._id);
    const until = shiftPeriod(group.nextPeriod, -1);
    if (before.until !== null && before.until <= until) return summaryOf(before, group);
    await setLastMonth(tx, account._id, before._id, until);
    await tx.record({
      accountId: account._id,
      type: `${before.kind}_ended`,
      description: `Ended ${before.kind} of billing group "${group.name}": ${adjustmentText(summaryOf(before, group))}`,
      billingGroupId: group._id,
      ...(before.projectId !== null && { projectId: before.projectId }),
      before: { adjustmentId: before._id, until: before.until },
      after: { adjustmentId: before._id, until },
    });
    await touch(tx, account, group);
    return summaryOf({ ...before, until }, group);
  });
}

/** The adjustments of one kind that the caller sees in an account or a group, latest start first. */
export async function listAdjustments(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { readonly kind: AdjustmentKind; readonly billingGroupId?: string },
): Promise<Page<AdjustmentSummary>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const { kind, billingGroupId } = request;
  if (billingGroupId !== undefined) await admitTo(ctx, accountId, billingGroupId);
  const of = { accountId, kind, billingGroupId, sight };
  const page = await pageOf(
    request,
    () => countAdjustments(of),
    (part) => adjustmentPage(of, part),
  );
  const groups = await nextPeriodsOf(
    accountId,
    page.items.map((doc) => doc.billingGroupId),
  );
  const items = page.items.flatMap((doc) => {
    const group = groups.find(({ _id }) => _id === doc.billingGroupId);
    return group ? [summaryOf(doc, group)] : [];
  });
  return { ...page, items };
}

/** The agreement in words: `Partner, 10% on all costs, from October 2026`. */
export function adjustmentText(doc: Omit<AdjustmentSummary, 'id'>): string {
  const { kind, description, percentage, amount, currency, from, until, isMonthly } = doc;
  const value = percentage ? `${percentage.toFixed()}%` : formatMoney(amount ?? ZERO, currency ?? '');
  const isOnce = kind === 'charge' && !isMonthly;
  const often = kind === 'commitment' || (kind === 'charge' && isMonthly) ? ' a month' : '';
  const on =
    kind === 'commitment' || (kind === 'charge' && doc.projectId === null) ? '' : ` ${scopeText(scopeOf(doc))}`;
  const end = until === null ? '' : ` until ${periodName(until)}`;
  return `${description}, ${value}${often}${on}, ${isOnce ? 'in' : 'from'} ${periodName(from)}${isOnce ? '' : end}`;
}

function checked(input: NewAdjustment, group: GroupDoc): Omit<AdjustmentDoc, 'projectName' | 'createdAt'> {
  const fields: Record<string, string> = {};
  const description = cleanName(input.description);
  if (description === '') fields.description = 'Enter a description. It’s shown on the invoice.';
  if (nameLength(description) > DESCRIPTION_LIMIT) fields.description = `Use at most ${DESCRIPTION_LIMIT} characters.`;
  const value = worthOf(input, group, fields);
  const from = monthOf(input.from ?? group.nextPeriod, 'from', fields);
  const until = input.until === undefined ? null : monthOf(input.until, 'until', fields);
  if (from < group.nextPeriod)
    fields.from ??= `${periodName(from)} has already been invoiced. Choose ${periodName(group.nextPeriod)} or later.`;
  if (until !== null && until < from) fields.until ??= 'The last month must not be before the first.';
  if (input.projectId !== undefined && input.serviceName !== undefined)
    fields.service = 'Choose a project or a service, not both.';
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  const isOnce = input.kind === 'charge' && !input.isMonthly;
  return {
    _id: newId('adj'),
    accountId: input.accountId,
    billingGroupId: group._id,
    kind: input.kind,
    description,
    projectId: input.kind === 'commitment' ? null : (input.projectId ?? null),
    serviceName: input.kind === 'discount' ? (input.serviceName ?? null) : null,
    ...value,
    isMonthly: input.kind === 'charge' && !isOnce,
    from,
    until: isOnce ? from : until,
  };
}

function worthOf(input: NewAdjustment, group: GroupDoc, fields: Record<string, string>) {
  const { percentage, amount, currency = group.currency } = input;
  const nothing = { percentage: null, amount: null, currency: null };
  if (input.kind === 'discount' && percentage !== undefined) {
    const wanted = 'Enter a percentage above 0 and up to 100.';
    const read = readPercentage(percentage, MOST_PERCENTAGE_DECIMALS, wanted);
    if ('fault' in read) fields.value = read.fault;
    else if (read.value.isZero()) fields.value = wanted;
    return 'value' in read ? { ...nothing, percentage: toDecimal128(read.value) } : nothing;
  }
  if (!isCurrency(currency)) {
    fields.currency = `“${currency}” isn’t a currency that invoices can use. Use a code such as EUR.`;
    return nothing;
  }
  const read = readAmount(amount ?? '', currency);
  if ('fault' in read) {
    fields.value = read.fault;
    return nothing;
  }
  return { ...nothing, amount: toDecimal128(read.value), currency };
}

function monthOf(text: string, field: string, fields: Record<string, string>): Period {
  const isMonth = /^\d{4}-(0[1-9]|1[0-2])$/.test(text) && isUsualYear(Number(text.slice(0, 4)));
  if (isMonth) return toPeriod(text);
  fields[field] = `“${text}” isn't a valid month. Use one such as 2026-10.`;
  return toPeriod('9999-12');
}

/** Requires a project that is or will be in the group. */
async function projectOf(group: GroupDoc, projectId: string): Promise<{ readonly name: string }> {
  const project = await projectById(group.accountId, projectId);
  const isIn = await isEverIn(group.accountId, { projectId, billingGroupId: group._id });
  if (project && isIn) return project;
  throw new Refusal('project_not_found', { group: group.name }, { fields: ['project'] });
}

/** The group's open estimates depend on it, and writing them conflicts with a concurrent close. */
async function touch(tx: Change, account: AccountDoc, group: GroupDoc): Promise<void> {
  // a deleted group has no invoice after its last
  if (group.state === 'active') await touchEstimates(tx, account, group.nextPeriod, [group]);
  await touchOpenEstimates(tx, { accountId: account._id, billingGroupId: group._id });
  tx.nudge('estimates');
}

function summaryOf(doc: AdjustmentDoc, group: Pick<GroupDoc, 'name' | 'nextPeriod'>): AdjustmentSummary {
  const { _id: id, createdAt: _createdAt, percentage, amount, ...rest } = doc;
  return {
    ...rest,
    ...{ id, billingGroupName: group.name },
    percentage: percentage && fromDecimal128(percentage),
    amount: amount && fromDecimal128(amount),
    isOver: rest.until !== null && rest.until < group.nextPeriod,
  };
}

function plainOf(doc: Omit<AdjustmentDoc, 'createdAt'>) {
  const { description, projectId, serviceName, percentage, amount, currency, isMonthly, from, until } = doc;
  return {
    ...{ description, projectId, serviceName, currency, isMonthly, from, until },
    percentage: percentage?.toString() ?? null,
    amount: amount?.toString() ?? null,
  };
}
