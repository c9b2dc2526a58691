import { holderAt, type Membership } from '../../billing/move/membership.ts';
import { type Period, periodAt, shiftPeriod } from '../../billing/period/period.ts';
import type { FocusRow } from '../../imports/focus/focus.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { CostDoc, LoadDoc } from '../../store/costs/costs.ts';
import { type Booked, bookingsLike } from '../../store/costs/loads.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { membershipsOf } from '../../store/groups/membership-reads.ts';
import type { Tx } from '../../store/kit/transaction.ts';

const MOST_MONTHS_BACK = 24;

/** The group and period of the invoice that a record is on. */
export type Booking = Pick<CostDoc, 'period' | 'late' | 'billingGroupId' | 'ownPeriod'>;

/** A row with the load it belongs to, and its number among equal rows of the load, from 1. */
export interface Placed {
  readonly row: FocusRow;
  readonly load: LoadDoc;
  readonly ordinal: number;
}

/** Who pays for a project's cost at an instant. */
export interface Payer {
  /** The group that the project was in. */
  readonly holder: GroupDoc;
  /** The group that pays: the holder, or the project's current group if the cost is late and the holder is deleted. */
  readonly group: GroupDoc;
  /** Whether the cost goes on a later invoice than its own period's, because that is invoiced or too long ago. */
  readonly late: boolean;
  /** Whether the holder has been invoiced for the cost's period. */
  readonly invoiced: boolean;
}

export type Payers = (projectId: string, instant: Date, own: Period) => Payer;

/**
 * The earliest period with which a group that was never invoiced can start (domain.md, Membership): 24 months back.
 * Older costs are late costs of its open period, which avoids a flood of empty invoices.
 */
export function earliestStart({ timeZone }: Pick<AccountDoc, 'timeZone'>, now: Date): Period {
  return shiftPeriod(periodAt(now, timeZone), -MOST_MONTHS_BACK);
}

/** Who pays for the costs of these projects. @param earliest the result of `earliestStart` */
export async function payersOf(
  _tx: Tx,
  accountId: string,
  projectIds: readonly string[],
  earliest: Period,
): Promise<Payers> {
  return payersForNow(accountId, projectIds, earliest);
}

/** The same outside of a transaction, for a preview. */
export async function payersForNow(
  accountId: string,
  projectIds: readonly string[],
  earliest: Period,
): Promise<Payers> {
  const memberships = await membershipsOf(accountId, projectIds);
  const groups = await groupsByIds(accountId, [...new Set(memberships.map((one) => one.billingGroupId))]);
  const byProject = new Map<string, Membership[]>();
  for (const one of memberships) {
    const ofProject = byProject.get(one.projectId);
    if (ofProject) ofProject.push(one);
    else byProject.set(one.projectId, [one]);
  }
  const byId = new Map(groups.map((group) => [group._id, group]));
  const groupAt = (projectId: string, instant: Date | null): GroupDoc => {
    const ofProject = byProject.get(projectId) ?? [];
    const held = instant ? holderAt(ofProject, instant) : ofProject.find((one) => one.to === null);
    const group = held && byId.get(held.billingGroupId);
    if (!group) throw new Error(`Project ${projectId} isn’t in a billing group`);
    return group;
  };
  return (projectId, instant, own) =>
    payerIn(groupAt(projectId, instant), { own, earliest, current: () => groupAt(projectId, null) });
}

/**
 * Who pays for a cost of a project that was in a group at its time.
 *
 * @param of `own`: the cost's period; `current`: the project's group now
 */
export function payerIn(
  holder: GroupDoc,
  { own, earliest, current }: { readonly own: Period; readonly earliest: Period; readonly current: () => GroupDoc },
): Payer {
  const isBefore = own < holder.nextPeriod;
  const invoiced = isBefore && holder.lastClosed !== null;
  const late = invoiced || (isBefore && own < earliest);
  return { holder, group: late && holder.state === 'deleted' ? current() : holder, late, invoiced };
}

/** How a new cost is booked: in its own period, or late on the paying group's next invoice. */
export function bookingOf({ group, late }: Payer, own: Period): Booking {
  return late ? { period: group.nextPeriod, late: true, billingGroupId: group._id, ownPeriod: own } : { period: own };
}

/** How a record is booked, without its other fields. */
function bookingOn({ period, late, billingGroupId, ownPeriod }: Booking): Booking {
  return { period, ...(late && { late, billingGroupId, ownPeriod }) } as Booking;
}

/** The groups that late records are booked to, by ID. */
export async function groupsOf(accountId: string, records: readonly Booked[]): Promise<Map<string, GroupDoc>> {
  const ids = new Set(records.flatMap(({ billingGroupId }) => (billingGroupId === undefined ? [] : [billingGroupId])));
  if (ids.size === 0) return new Map();
  const groups = await groupsByIds(accountId, [...ids]);
  return new Map(groups.map((group) => [group._id, group]));
}

/**
 * Whether an existing record is on an issued invoice.
 *
 * @param holder the group that the project was in at the record's time
 * @param groups the result of `groupsOf`
 */
export function isInvoiced(record: Booking, holder: GroupDoc, groups: ReadonlyMap<string, GroupDoc>): boolean {
  const group = record.billingGroupId === undefined ? holder : groups.get(record.billingGroupId);
  return group !== undefined && group.lastClosed !== null && record.period < group.nextPeriod;
}

/**
 * How to book rows that replace an equal record on an issued invoice: like the record, so that the cost is billed once,
 * however often the provider restates it.
 */
export async function invoicedBookings(
  late: readonly (Placed & { readonly payer: Payer })[],
): Promise<ReadonlyMap<string, Booking>> {
  const kept = new Map<string, Booking>();
  const byLoad = new Map<LoadDoc, (Placed & { readonly payer: Payer })[]>();
  for (const one of late) {
    const ofLoad = byLoad.get(one.load);
    if (ofLoad) ofLoad.push(one);
    else byLoad.set(one.load, [one]);
  }
  for (const [load, rows] of byLoad) {
    if (!load.over) continue;
    const { accountId } = load;
    const records = await bookingsLike({ _id: load.over.loadId, accountId }, [
      ...new Set(rows.map(({ row }) => row.hash)),
    ]);
    const groups = await groupsOf(accountId, records);
    const known = new Map(records.map((record) => [recordKey(load, record.hash, record.ordinal), record]));
    for (const { row, ordinal, payer } of rows) {
      const key = recordKey(load, row.hash, ordinal);
      const record = known.get(key);
      if (record && isInvoiced(record, payer.holder, groups)) kept.set(key, bookingOn(record));
    }
  }
  return kept;
}

/** A record's identity within a load. */
export function recordKey(load: LoadDoc, hash: string, ordinal: number): string {
  return `${load._id} ${hash} ${ordinal}`;
}
