import { isDeepStrictEqual } from 'node:util';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { nameKey } from '../../billing/group/names.ts';
import { DEFAULT_TERMS_DAYS, type PaymentMethod } from '../../billing/group/payment-method.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type ListedGroup, listedGroups } from '../../store/groups/active-groups.ts';
import { activeGroupById, groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { netsSoFar } from '../../store/invoicing/invoice-reads.ts';
import { methodsByIds } from '../../store/settlement/payment-methods.ts';
import type { Admission } from '../access/admission.ts';
import { admit, admitTo } from '../access/rights.ts';
import { netSoFar } from '../costs/costs-so-far.ts';
import { ratesStamp, type ToUsd, usdOf } from '../costs/us-dollars.ts';
import { Remembered } from '../kit/answer-cache.ts';
import type { Ctx } from '../kit/context.ts';
import { SharedReads } from '../kit/shared-reads.ts';

/** How many lists are cached as objects: when a list is requested again, it is usually unchanged. */
const MOST_READ = 20;
const groupsRead = new Remembered<readonly ListedGroup[]>(MOST_READ);
const listReads = new SharedReads<ReadList>();

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

/** Something to be calculated from what was read, only if it isn't known yet. */
export interface Stamped<T> {
  /** The same for the same result. */
  readonly stamp: string;
  read(): T;
}

/** A list as read, without what depends on the caller. */
interface ReadList {
  readonly stamp: string;
  readonly groups: readonly ListedGroup[];
  readonly hasMore: boolean;
  readonly figures: Figures;
}

/**
 * The account's active groups that the caller sees by name, with all details. A constant number of queries, however many groups there are:
 * after the caller is admitted, groups, their estimates, payment methods and rates. Requests at the same time share
 * them.
 *
 * @param request with normalized names as positions
 */
export async function listGroupDetails(
  ctx: Ctx,
  accountId: string,
  request: PartRequest,
): Promise<Stamped<Part<GroupDetails>>> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const { after, limit } = request;
  const { timeZone } = account;
  const question = JSON.stringify([accountId, after, limit, timeZone, dayIn(now, timeZone), sight.key]);
  const list = await listReads.get(question, () => readList({ account, sight }, request, now));
  return {
    stamp: JSON.stringify([accountId, account.name, list.stamp]),
    read() {
      const last = list.groups.at(-1);
      const items = detailsOf(account, list.groups, list.figures);
      return { items, ...(list.hasMore && last && { next: nameKey(last.name) }) };
    },
  };
}

async function readList(
  { account, sight }: Pick<Admission, 'account' | 'sight'>,
  { after, limit }: PartRequest,
  now: Date,
): Promise<ReadList> {
  const raw = await listedGroups(account._id, sight, { after, limit: limit === undefined ? undefined : limit + 1 });
  const question = `${account._id} ${limit ?? ''} ${sight.key} ${after ?? ''}`;
  const found = await groupsRead.get(question, raw.stamp, async () => raw.read());
  const groups = limit === undefined ? found : found.slice(0, limit);
  const figures = await figuresOf(account, groups, now);
  const stamp = JSON.stringify([raw.stamp, figures.stamp]);
  return { stamp, groups, hasMore: found.length > groups.length, figures };
}

/** All details of an active group. @throws {Refusal} `billing_group_not_found` */
export async function groupDetails(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDetails> {
  const { account } = await admitTo(ctx, accountId, billingGroupId);
  const group = await activeGroupById(accountId, billingGroupId);
  const [details] = group ? detailsOf(account, [group], await figuresOf(account, [group], ctx.clock.now())) : [];
  if (!details) throw unknownGroup();
  return details;
}

/** Whether a group has what its details show, apart from figures. */
export function isStill(group: GroupDoc, { name, billing, currency, method }: GroupDetails): boolean {
  const now = { ...NO_BILLING_INFORMATION, ...group.billing };
  return isDeepStrictEqual(
    [group.name, now, group.currency, group.paymentMethodId],
    [name, billing, currency, method.id],
  );
}

/** A group of the account, even if deleted. @throws {Refusal} `billing_group_not_found` */
export async function knownGroup(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupDoc> {
  await admitTo(ctx, accountId, billingGroupId);
  const group = await groupById(accountId, billingGroupId);
  if (!group) throw unknownGroup();
  return group;
}

/** What the details of groups are calculated from, besides the groups. */
interface Figures {
  /** The same for the same figures. */
  readonly stamp: string;
  /** By group ID. */
  estimates(): ReadonlyMap<string, Decimal>;
  readonly methods: ReadonlyMap<string, PaymentMethod>;
  readonly toUsd: ToUsd;
}

async function figuresOf(account: AccountDoc, groups: readonly ListedGroup[], now: Date): Promise<Figures> {
  const currencies = [...new Set(groups.map(({ currency }) => currency))];
  const ids = groups.map(({ _id }) => _id);
  // these don't depend on each other
  const [nets, methods, toUsd] = await Promise.all([
    netsSoFar(account._id, ids, periodAt(now, account.timeZone)),
    methodsOf(account._id, groups),
    usdOf(account, currencies, now),
  ]);
  return {
    stamp: JSON.stringify([nets.stamp, [...methods], ratesStamp(toUsd, currencies)]),
    estimates: () => new Map(nets.read().map((one) => [one.billingGroupId, netSoFar(one)])),
    methods,
    toUsd,
  };
}

function detailsOf(account: AccountDoc, groups: readonly ListedGroup[], figures: Figures): GroupDetails[] {
  const { methods, toUsd } = figures;
  const estimates = figures.estimates();
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
