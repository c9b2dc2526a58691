import { z } from 'zod';
import { EVENT_KINDS, type EventKind } from '../../billing/event/event.ts';
import { RHYTHMS } from '../../billing/event/notice.ts';
import { Refusal } from '../../billing/refusal.ts';
import { membersWithRoles } from '../../store/accounts/member-reads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { namesOfProjects } from '../../store/groups/project-reads.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import { countSubscriptions, subscriptionById, subscriptionsOf } from '../../store/notices/subscription-reads.ts';
import { deleteSubscription, insertSubscription, updateSubscription } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { inactiveUsersOf } from '../access/deactivation.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

const KINDS = Object.keys(EVENT_KINDS) as [EventKind, ...EventKind[]];
/** As many as one channel or person can have of an account. */
const MOST = 20;
/** As many as a list shows. */
const MOST_LISTED = 100;
/** How many of the owners are told of a broken channel. */
const MOST_TOLD = 5;

export const subscriptionSchema = z.object({
  channelId: z.string().min(1, 'Choose a channel.'),
  /** Whether it is somebody's own, told by direct message. */
  isPersonal: z.boolean(),
  groupIds: z.array(z.string()).max(100, 'Choose at most 100 billing groups.').default([]),
  projectIds: z.array(z.string()).max(100, 'Choose at most 100 projects.').default([]),
  kinds: z.array(z.enum(KINDS)).default([]),
  rhythm: z.enum(RHYTHMS).default('at_once'),
  mentions: z
    .array(z.object({ id: z.string(), kinds: z.array(z.enum(KINDS)).default([]) }))
    .max(10, 'Choose at most 10 people to mention.')
    .default([]),
});
export type NewSubscription = z.input<typeof subscriptionSchema>;

/** A subscription as it is. */
export type Subscription = SubscriptionDoc;

/** A subscription as a list shows it, with the names of what it is about. */
export interface SubscriptionSummary extends SubscriptionDoc {
  readonly about: readonly string[];
  /** How many entries of the log it has not been told yet, news or not. */
  readonly behind: number;
}

/**
 * Subscribes a channel, or a person, to an account's news, from now on. What a channel reads all in it read: that takes
 * the right to edit groups; one's own messages only that to see.
 *
 * @throws {Refusal} `role_needed`, `invalid_input` for groups or projects of no account of theirs, `too_many_subscriptions`
 */
export async function subscribe(ctx: Ctx, accountId: string, input: NewSubscription): Promise<SubscriptionDoc> {
  const wanted = subscriptionSchema.parse(input);
  return inChange(ctx, accountId, wanted.isPersonal ? 'see' : 'edit_groups', async (tx) => {
    await assertTheirs(accountId, wanted);
    await takeTurn(tx, `subscriptions:${accountId}:${wanted.channelId}`);
    const there = await countSubscriptions(accountId, wanted.channelId);
    if (there >= MOST) throw new Refusal('too_many_subscriptions', { limit: MOST });
    const subscription = await insertSubscription(tx, {
      ...wanted,
      _id: newId('sub'),
      accountId,
      madeBy: tx.actor.kind === 'person' ? tx.actor.userId : null,
      position: await lastEntryNumber(accountId),
    });
    await tellLog(tx, accountId, 'Began', subscription._id, wanted.channelId);
    return subscription;
  });
}

/** The account's subscriptions, or a channel's; others' own ones are left out. */
export async function listSubscriptions(
  ctx: Ctx,
  accountId: string,
  channelId?: string,
): Promise<SubscriptionSummary[]> {
  await admit(ctx, accountId, 'see');
  const all = await subscriptionsOf({ accountId, channelId }, MOST_LISTED);
  const mine = all.filter((one) => !one.isPersonal || isMine(ctx, one));
  const groupIds = mine.flatMap((one) => [...one.groupIds]);
  const projectIds = mine.flatMap((one) => [...one.projectIds]);
  const groups = await groupNames(accountId, groupIds);
  const projects = await namesOfProjects(accountId, projectIds);
  const head = await lastEntryNumber(accountId);
  const names = new Map([...groups, ...projects]);
  return mine.map((one) => ({
    ...one,
    about: [...one.groupIds, ...one.projectIds].flatMap((id) => names.get(id) ?? []),
    behind: Math.max(0, head - one.position),
  }));
}

/** Stops telling for a while; the place in the log is kept. Safe to repeat. @throws {Refusal} `subscription_not_found`, `role_needed` */
export async function pauseSubscription(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await change(ctx, accountId, id, 'Paused', { state: 'paused' });
}

/** Goes on telling, from where it stopped, in the same channel or in another one. @throws {Refusal} as `pauseSubscription` */
export async function resumeSubscription(ctx: Ctx, accountId: string, id: string, channelId?: string): Promise<void> {
  const fresh = { state: 'active', brokenBy: null, brokenTold: false, notBefore: null, failures: 0, lastError: null };
  // in another channel nothing can have been said yet
  const elsewhere = channelId === undefined ? {} : { channelId, sending: null };
  await change(ctx, accountId, id, 'Resumed', { ...fresh, ...elsewhere } as Partial<SubscriptionDoc>);
  ctx.nudge('news');
}

/** Ends a subscription. Safe to repeat: a second call finds none. @throws {Refusal} as `pauseSubscription` */
export async function removeSubscription(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'see', async (tx) => {
    const subscription = await theirs(tx, accountId, id);
    if (!(await deleteSubscription(tx, subscription))) return;
    await tellLog(tx, accountId, 'Removed', id, subscription.channelId);
  });
}

/** Who is told when a channel takes nothing any more: whose subscription it is, and the account's owners. */
export async function whoCanMend(_ctx: Ctx, subscription: SubscriptionDoc): Promise<string[]> {
  const { accountId, madeBy } = subscription;
  const owners = await membersWithRoles([accountId], ['owner'], MOST_TOLD);
  const people = owners.map(({ userId }) => userId).filter((id) => !id.startsWith('S'));
  const inactive = await inactiveUsersOf(accountId);
  return [...new Set([...(madeBy === null ? [] : [madeBy]), ...people])].filter((id) => !inactive.includes(id));
}

async function change(
  ctx: Ctx,
  accountId: string,
  id: string,
  what: string,
  to: Partial<SubscriptionDoc>,
): Promise<void> {
  await inChange(ctx, accountId, 'see', async (tx) => {
    const subscription = await theirs(tx, accountId, id);
    const isElsewhere = to.channelId !== undefined && to.channelId !== subscription.channelId;
    if (subscription.state === to.state && !isElsewhere) return;
    await updateSubscription(tx, subscription, to);
    await tellLog(tx, accountId, what, id, to.channelId ?? subscription.channelId);
  });
}

/** A subscription that anyone who asks may change: their own, or a channel's with the right to edit groups. */
async function theirs(ctx: Ctx, accountId: string, id: string): Promise<SubscriptionDoc> {
  await admit(ctx, accountId, 'see');
  const found = await subscriptionById(accountId, id);
  if (!found || (found.isPersonal && !isMine(ctx, found))) {
    throw new Refusal('subscription_not_found');
  }
  if (!found.isPersonal) await admit(ctx, accountId, 'edit_groups');
  return found;
}

function isMine(ctx: Ctx, { madeBy }: SubscriptionDoc): boolean {
  return ctx.actor.kind !== 'person' || ctx.actor.userId === madeBy;
}

async function assertTheirs(
  accountId: string,
  { groupIds, projectIds }: { groupIds: readonly string[]; projectIds: readonly string[] },
): Promise<void> {
  const groups = await groupNames(accountId, groupIds);
  const projects = await namesOfProjects(accountId, projectIds);
  if (groups.size !== new Set(groupIds).size) throw faultIn('groups', 'Choose billing groups from the list.');
  if (projects.size !== new Set(projectIds).size) throw faultIn('projects', 'Choose projects from the list.');
}

function faultIn(field: string, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}

async function tellLog(tx: Change, accountId: string, what: string, id: string, channelId: string): Promise<void> {
  await tx.record({
    accountId,
    type: 'subscription_changed',
    description: `${what} notifications ${channelId.startsWith('D') ? 'by direct message' : `in channel ${channelId}`}`,
    after: { subscriptionId: id, channelId },
  });
}
