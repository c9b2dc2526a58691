import { holderAt } from '../billing/membership.ts';
import { type Decimal, roundToMinor, sum, ZERO } from '../billing/money.ts';
import { EFFECTS, type Effect, effectInstant, givenUp } from '../billing/move.ts';
import { type Period, periodAt, spanOf } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { fromDecimal128 } from '../store/decimal.ts';
import { type GroupDoc, Groups, type MembershipDoc } from '../store/groups.ts';
import { Invoices } from '../store/invoices.ts';
import { sumsBetween } from '../store/move-sums.ts';
import type { MoveFacts } from '../store/moves.ts';
import type { Ctx } from './context.ts';
import { type MembershipsOf, membershipsOf } from './move-apply.ts';
import { admit } from './rights.ts';

/** What one of the effects would come to. */
export interface EffectPreview {
  readonly effect: Effect;
  readonly at: Date;
  /** Costs of the open period so far that go along, by currency; exact. */
  readonly along: readonly { readonly currency: string; readonly amount: Decimal }[];
  /** The group's estimate before and after, for the target first, then for those that give. */
  readonly estimates: readonly EstimateChange[];
}

export interface EstimateChange {
  readonly billingGroupId: string;
  readonly name: string;
  readonly currency: string;
  readonly before: Decimal;
  readonly after: Decimal;
}

/** Costs that leave a group. */
interface Flow {
  /** The group that pays for them now. */
  readonly from: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** What previews are made of, read once for all the effects. */
interface Basis {
  readonly memberships: MembershipsOf;
  readonly groups: readonly GroupDoc[];
  readonly estimates: ReadonlyMap<string, Decimal>;
  readonly flowsAt: ReadonlyMap<Effect, readonly Flow[]>;
}

/**
 * What a move would come to, for each instant from which it could hold: how much of the costs so far goes along, and
 * each group's estimate before and after, as exactly as an invoice. Five queries, and those of the admission, however
 * many projects there are.
 *
 * @throws {Refusal} `billing_group_not_found`, `account_not_found`
 */
export async function previewMove(
  ctx: Ctx,
  input: { accountId: string; projectIds: readonly string[]; toGroupId: string },
): Promise<EffectPreview[]> {
  const { account } = await admit(ctx, input.accountId, 'see');
  return previewsOf(account, ctx.clock.now(), input, EFFECTS);
}

/** What one effect would come to, as it is kept with a request. @throws {Refusal} `billing_group_not_found` */
export async function factsOf(
  account: AccountDoc,
  now: Date,
  input: { projectIds: readonly string[]; toGroupId: string; effect: Effect },
): Promise<MoveFacts> {
  const [preview] = await previewsOf(account, now, input, [input.effect]);
  const { along = [], estimates = [] } = preview ?? {};
  return {
    along: along.map(({ currency, amount }) => ({ currency, amount: amount.toFixed() })),
    estimates: estimates.map(({ name, currency, before, after }) => ({
      ...{ name, currency },
      before: before.toFixed(),
      after: after.toFixed(),
    })),
  };
}

async function previewsOf(
  account: AccountDoc,
  now: Date,
  input: { projectIds: readonly string[]; toGroupId: string },
  effects: readonly Effect[],
): Promise<EffectPreview[]> {
  const instants = effects.map((effect) => ({ effect, at: effectInstant(effect, now, account.timeZone) }));
  const { memberships, groups, estimates, flowsAt } = await basisOf(account, now, input, instants);
  const to = groups.find(({ _id }) => _id === input.toGroupId);
  if (!to) throw new Refusal('billing_group_not_found', 'There is no such billing group.');
  const present = [...memberships.values()].flatMap((ofProject) => holderAt(ofProject, now)?.billingGroupId ?? []);
  return instants.map(({ effect, at }) => {
    const flows = flowsAt.get(effect) ?? [];
    const ids = new Set([to._id, ...present, ...flows.map(({ from }) => from)]);
    const concerned = [...ids].flatMap((id) => groups.find(({ _id }) => _id === id) ?? []);
    const changes = concerned.map((group) => changeOf(group, estimates.get(group._id) ?? ZERO, flows, to._id));
    return { effect, at, along: byCurrency(flows), estimates: changes };
  });
}

async function basisOf(
  account: AccountDoc,
  now: Date,
  input: { projectIds: readonly string[]; toGroupId: string },
  instants: readonly { effect: Effect; at: Date }[],
): Promise<Basis> {
  const period = periodAt(now, account.timeZone);
  const all = await membershipsOf(input.projectIds);
  const memberships = new Map([...all].filter(([, [first]]) => first?.accountId === account._id));
  const holders = [...memberships.values()].flat().map(({ billingGroupId }) => billingGroupId);
  const ids = [...new Set([input.toGroupId, ...holders])];
  const groups = await Groups.find({ accountId: account._id, _id: { $in: ids } }).lean();
  const invoices = await Invoices.find(
    { billingGroupId: { $in: ids }, period },
    { billingGroupId: 1, exact: 1 },
  ).lean();
  const estimates = new Map(invoices.map(({ billingGroupId, exact }) => [billingGroupId, fromDecimal128(exact)]));
  const flowsAt = await flowsOf(account, period, memberships, input.toGroupId, instants);
  return { memberships, groups, estimates, flowsAt };
}

/** For each instant, the costs of the period from then on that another group than the target pays for now. */
async function flowsOf(
  account: AccountDoc,
  period: Period,
  memberships: MembershipsOf,
  toGroupId: string,
  instants: readonly { effect: Effect; at: Date }[],
): Promise<Map<Effect, readonly Flow[]>> {
  const { begin, end } = spanOf(period, account.timeZone);
  const edges = [...memberships.values()].flat().flatMap(({ from, to }) => [from, to]);
  const cuts = distinct([begin, ...instants.map(({ at }) => at), ...edges], begin, end);
  const sums = await sumsBetween({ accountId: account._id, projectIds: [...memberships.keys()], period, cuts });
  const flows = new Map<Effect, Flow[]>();
  for (const { effect, at } of instants) {
    const going = sums.flatMap(({ projectId, slot, currency, amount }): Flow[] => {
      const since = cuts[slot - 1] ?? begin;
      const leaving = givenUp<MembershipDoc>(memberships.get(projectId) ?? [], toGroupId, at);
      const giver = since < at ? undefined : holderAt(leaving, since);
      return giver ? [{ from: giver.billingGroupId, currency, amount }] : [];
    });
    flows.set(effect, going);
  }
  return flows;
}

/** Instants within the period, each once, in order. */
function distinct(instants: readonly (Date | null)[], begin: Date, end: Date): Date[] {
  const times = instants.flatMap((one) => (one && one >= begin && one < end ? [one.getTime()] : []));
  return [...new Set(times)].sort((a, b) => a - b).map((time) => new Date(time));
}

function changeOf(group: GroupDoc, exact: Decimal, flows: readonly Flow[], toGroupId: string): EstimateChange {
  const { _id, name, currency } = group;
  // what is in another currency is on no estimate until there is a rate
  const own = flows.filter((flow) => flow.currency === currency && (_id === toGroupId || flow.from === _id));
  const amount = sum(own.map((flow) => flow.amount));
  const after = _id === toGroupId ? exact.plus(amount) : exact.minus(amount);
  const rounded = { before: roundToMinor(exact, currency), after: roundToMinor(after, currency) };
  return { billingGroupId: _id, name, currency, ...rounded };
}

function byCurrency(flows: readonly Flow[]): { currency: string; amount: Decimal }[] {
  const totals = new Map<string, Decimal>();
  for (const { currency, amount } of flows) totals.set(currency, (totals.get(currency) ?? ZERO).plus(amount));
  return [...totals].map(([currency, amount]) => ({ currency, amount }));
}
