import { type BillingInformation, NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { nameKey } from '../../billing/group/names.ts';
import { DEFAULT_TERMS_DAYS, type PaymentMethod } from '../../billing/group/payment-method.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type GroupDoc, Groups } from '../../store/groups/groups.ts';
import { type InvoiceDoc, Invoices } from '../../store/invoicing/invoices.ts';
import { findRaw, fromRaw } from '../../store/kit/raw-documents.ts';
import { PaymentMethods } from '../../store/settlement/payment-methods.ts';
import { admit } from '../access/rights.ts';
import { netSoFar } from '../costs/costs-so-far.ts';
import { usdOf } from '../costs/us-dollars.ts';
import { Remembered } from '../kit/answer-cache.ts';
import type { Ctx } from '../kit/context.ts';

/** More groups than this are looked up by their account and period, fewer each by itself. */
const FEW = 100;

/** What is read of each of many groups. */
const SHOWN = { name: 1, billing: 1, currency: 1, paymentMethodId: 1, createdAt: 1 } as const;
type Shown = Pick<GroupDoc, '_id' | keyof typeof SHOWN>;

/** How many lists are kept as objects: anyone who asks for one again mostly finds it unchanged. */
const MOST_READ = 20;
const groupsRead = new Remembered<readonly Shown[]>(MOST_READ);
const netsRead = new Remembered<ReadonlyMap<string, Decimal>>(MOST_READ);

/** All that is said of a group, with what its open period comes to so far, before tax. */
export interface GroupDetails {
  readonly id: string;
  readonly name: string;
  readonly account: Pick<AccountDoc, '_id' | 'name'>;
  readonly billing: BillingInformation;
  readonly currency: string;
  readonly method: { readonly id: string | null; readonly method: PaymentMethod };
  readonly createdAt: Date;
  readonly estimate: Decimal;
  /** Null when no rate is known. */
  readonly estimateUsd: Decimal | null;
}

/** Part of a list that is read in order, and where the next part begins; absent at the end. */
export interface Part<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Which part of a list is wanted: from behind a place on, so many; all when nothing is said. */
export interface PartRequest {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The account's active groups by name, all that is said of each. A constant number of queries, however many they are:
 * after who asks was let in, groups, their estimates, payment methods and rates.
 *
 * @param request places are names, in the form in which they are unique
 */
export async function listGroupDetails(ctx: Ctx, accountId: string, request: PartRequest): Promise<Part<GroupDetails>> {
  const { account } = await admit(ctx, accountId, 'see');
  const { after, limit } = request;
  const raw = await findRaw(
    Groups.collection,
    { accountId, state: 'active', ...(after !== undefined && { nameKey: { $gt: after } }) },
    { projection: SHOWN, sort: { nameKey: 1 }, ...(limit !== undefined && { limit: limit + 1 }) },
  );
  const question = `${accountId} ${limit ?? ''} ${after ?? ''}`;
  const found = await groupsRead.get(question, raw.stamp, async () => fromRaw<Shown>(raw));
  const groups = limit === undefined ? found : found.slice(0, limit);
  const items = await detailsOf(ctx, account, groups);
  const last = groups.at(-1);
  return { items, ...(found.length > groups.length && last && { next: nameKey(last.name) }) };
}

/** All that is said of an active group. @throws {Refusal} `billing_group_not_found` */
export async function groupDetails(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDetails> {
  const { account } = await admit(ctx, accountId, 'see');
  const group = await Groups.findOne({ _id: billingGroupId, accountId, state: 'active' }).lean();
  const [details] = group ? await detailsOf(ctx, account, [group]) : [];
  if (!details) throw unknownGroup();
  return details;
}

/** A group of the account, also one that was deleted. @throws {Refusal} `billing_group_not_found` */
export async function knownGroup(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDoc> {
  await admit(ctx, accountId, 'see');
  const group = await Groups.findOne({ _id: billingGroupId, accountId }).lean();
  if (!group) throw unknownGroup();
  return group;
}

async function detailsOf(ctx: Ctx, account: AccountDoc, groups: readonly Shown[]): Promise<GroupDetails[]> {
  const now = ctx.clock.now();
  const currencies = groups.map(({ currency }) => currency);
  // none rests on what another finds
  const [estimates, methods, toUsd] = await Promise.all([
    estimatesOf(account, groups, now),
    methodsOf(groups),
    usdOf(account, currencies, now),
  ]);
  return groups.map((group) => {
    const { _id: id, name, currency, createdAt } = group;
    const estimate = estimates.get(id) ?? ZERO;
    return {
      ...{ id, name, currency, createdAt, estimate },
      account,
      billing: { ...NO_BILLING_INFORMATION, ...group.billing },
      method: { id: group.paymentMethodId, method: methods.get(group.paymentMethodId ?? '') ?? usual(group) },
      estimateUsd: toUsd(estimate, currency),
    };
  });
}

async function estimatesOf(
  account: AccountDoc,
  groups: readonly Shown[],
  now: Date,
): Promise<ReadonlyMap<string, Decimal>> {
  const period = periodAt(now, account.timeZone);
  const ids = groups.map(({ _id }) => _id);
  const which = ids.length > FEW ? { accountId: account._id, period } : { billingGroupId: { $in: ids }, period };
  const raw = await findRaw(Invoices.collection, which, {
    projection: { _id: 0, billingGroupId: 1, net: 1, 'beforeCommitments.net': 1 },
  });
  const question = `${account._id} ${period} ${ids.length} ${ids[0] ?? ''}`;
  return netsRead.get(question, raw.stamp, async () => {
    const estimates = fromRaw<Pick<InvoiceDoc, 'billingGroupId' | 'net' | 'beforeCommitments'>>(raw);
    return new Map(estimates.map((estimate) => [estimate.billingGroupId, netSoFar(estimate)]));
  });
}

async function methodsOf(groups: readonly Shown[]): Promise<ReadonlyMap<string, PaymentMethod>> {
  const ids = [...new Set(groups.flatMap(({ paymentMethodId }) => paymentMethodId ?? []))];
  const docs = ids.length === 0 ? [] : await PaymentMethods.find({ _id: { $in: ids } }).lean();
  return new Map(docs.map(({ _id, method }) => [_id, method]));
}

function usual({ currency }: Shown): PaymentMethod {
  return { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency };
}

function unknownGroup(): Refusal {
  return new Refusal('billing_group_not_found', {});
}
