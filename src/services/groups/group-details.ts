import { type BillingInformation, NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { nameKey } from '../../billing/group/names.ts';
import { DEFAULT_TERMS_DAYS, type PaymentMethod } from '../../billing/group/payment-method.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type ListedGroup, listedGroups } from '../../store/groups/active-groups.ts';
import { activeGroupById, groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { netsSoFar } from '../../store/invoicing/invoice-reads.ts';
import { methodsByIds } from '../../store/settlement/payment-methods.ts';
import { admit } from '../access/rights.ts';
import { netSoFar } from '../costs/costs-so-far.ts';
import { usdOf } from '../costs/us-dollars.ts';
import { Remembered } from '../kit/answer-cache.ts';
import type { Ctx } from '../kit/context.ts';

/** How many lists are cached as objects: when a list is requested again, it is usually unchanged. */
const MOST_READ = 20;
const groupsRead = new Remembered<readonly ListedGroup[]>(MOST_READ);
const netsRead = new Remembered<ReadonlyMap<string, Decimal>>(MOST_READ);

/** All details of a group, with the costs of its open period so far, before tax. */
export interface GroupDetails {
  readonly id: string;
  readonly name: string;
  readonly account: Pick<AccountDoc, '_id' | 'name'>;
  readonly billing: BillingInformation;
  readonly currency: string;
  readonly method: { readonly id: string | null; readonly method: PaymentMethod };
  readonly createdAt: Date;
  readonly estimate: Decimal;
  /** Null if there is no rate. */
  readonly estimateUsd: Decimal | null;
}

/** Part of an ordered list, and where the next part starts; absent at the end. */
export interface Part<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** The requested part of a list: after a position, and how many; everything by default. */
export interface PartRequest {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The account's active groups by name, with all details. A constant number of queries, however many groups there are:
 * after the caller is admitted, groups, their estimates, payment methods and rates.
 *
 * @param request with normalized names as positions
 */
export async function listGroupDetails(ctx: Ctx, accountId: string, request: PartRequest): Promise<Part<GroupDetails>> {
  const { account } = await admit(ctx, accountId, 'see');
  const { after, limit } = request;
  const raw = await listedGroups(accountId, { after, limit: limit === undefined ? undefined : limit + 1 });
  const question = `${accountId} ${limit ?? ''} ${after ?? ''}`;
  const found = await groupsRead.get(question, raw.stamp, async () => raw.read());
  const groups = limit === undefined ? found : found.slice(0, limit);
  const items = await detailsOf(ctx, account, groups);
  const last = groups.at(-1);
  return { items, ...(found.length > groups.length && last && { next: nameKey(last.name) }) };
}

/** All details of an active group. @throws {Refusal} `billing_group_not_found` */
export async function groupDetails(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDetails> {
  const { account } = await admit(ctx, accountId, 'see');
  const group = await activeGroupById(accountId, billingGroupId);
  const [details] = group ? await detailsOf(ctx, account, [group]) : [];
  if (!details) throw unknownGroup();
  return details;
}

/** A group of the account, even if deleted. @throws {Refusal} `billing_group_not_found` */
export async function knownGroup(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDoc> {
  await admit(ctx, accountId, 'see');
  const group = await groupById(accountId, billingGroupId);
  if (!group) throw unknownGroup();
  return group;
}

async function detailsOf(ctx: Ctx, account: AccountDoc, groups: readonly ListedGroup[]): Promise<GroupDetails[]> {
  const now = ctx.clock.now();
  const currencies = groups.map(({ currency }) => currency);
  // these don't depend on each other
  const [estimates, methods, toUsd] = await Promise.all([
    estimatesOf(account, groups, now),
    methodsOf(account._id, groups),
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
  groups: readonly ListedGroup[],
  now: Date,
): Promise<ReadonlyMap<string, Decimal>> {
  const period = periodAt(now, account.timeZone);
  const ids = groups.map(({ _id }) => _id);
  const raw = await netsSoFar(account._id, ids, period);
  const question = `${account._id} ${period} ${ids.length} ${ids[0] ?? ''}`;
  const read = () => new Map(raw.read().map((estimate) => [estimate.billingGroupId, netSoFar(estimate)]));
  return netsRead.get(question, raw.stamp, async () => read());
}

async function methodsOf(
  accountId: string,
  groups: readonly ListedGroup[],
): Promise<ReadonlyMap<string, PaymentMethod>> {
  const ids = [...new Set(groups.flatMap(({ paymentMethodId }) => paymentMethodId ?? []))];
  const docs = ids.length === 0 ? [] : await methodsByIds(accountId, ids);
  return new Map(docs.map(({ _id, method }) => [_id, method]));
}

function usual({ currency }: ListedGroup): PaymentMethod {
  return { kind: 'bank_transfer', termsDays: DEFAULT_TERMS_DAYS, currency };
}

function unknownGroup(): Refusal {
  return new Refusal('billing_group_not_found', {});
}
