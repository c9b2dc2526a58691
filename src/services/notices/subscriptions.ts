import { z } from 'zod';
import type { Sight } from '../../billing/account/sight.ts';
import { DIGEST_RHYTHMS } from '../../billing/event/cost-digest.ts';
import { EVENT_KINDS, type EventKind } from '../../billing/event/event.ts';
import { RHYTHMS } from '../../billing/event/notice.ts';
import { Refusal } from '../../billing/refusal.ts';
import { membersWithRoles } from '../../store/accounts/member-reads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { groupNames } from '../../store/groups/group-reads.ts';
import { namesOfProjects, titlesOfProjects } from '../../store/groups/project-reads.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import { countSubscriptions, subscriptionById, subscriptionsOf } from '../../store/notices/subscription-reads.ts';
import { deleteSubscription, insertSubscription, updateSubscription } from '../../store/notices/subscription-writes.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { inactiveUsersOf } from '../access/deactivation.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';

const KINDS = Object.keys(EVENT_KINDS) as [EventKind, ...EventKind[]];
/** The maximum number of subscriptions per channel or person in an account. */
const MOST = 20;
/** The maximum number of subscriptions in a list. */
const MOST_LISTED = 100;
/** How many owners are notified of a broken channel. */
const MOST_TOLD = 5;

export const subscriptionSchema = z.object({
  channelId: z.string().min(1, 'Choose a channel.'),
  /** Whether it is personal and delivered by direct message. */
  isPersonal: z.boolean(),
  groupIds: z.array(z.string()).max(100, 'Choose at most 100 billing groups.').default([]),
  projectIds: z.array(z.string()).max(100, 'Choose at most 100 projects.').default([]),
  /** Whether it covers the projects that the person leads, whichever these are; only for a personal one. */
  isAboutLed: z.boolean().default(false),
  /** Makes it a cost digest, which gets no other messages. */
  digest: z.enum(DIGEST_RHYTHMS).optional(),
  kinds: z.array(z.enum(KINDS)).default([]),
  rhythm: z.enum(RHYTHMS).default('at_once'),
  mentions: z
    .array(z.object({ id: z.string(), kinds: z.array(z.enum(KINDS)).default([]) }))
    .max(10, 'Choose at most 10 people to mention.')
    .default([]),
});
export type NewSubscription = z.input<typeof subscriptionSchema>;

/** A subscription as stored. */
export type Subscription = SubscriptionDoc;

/** A subscription in a list, with the names of what it covers. */
export interface SubscriptionSummary extends SubscriptionDoc {
  readonly about: readonly string[];
  /** How many log entries it hasn't processed yet, whether or not they match. */
  readonly behind: number;
}

/**
 * Subscribes a channel or a person to an account's future events. Everyone in a channel can read them, so a channel
 * requires the permission to edit groups; a personal subscription only requires the permission to view them.
 *
 * @throws {Refusal} `role_needed`, `invalid_input` for groups or projects that aren't in the account,
 * `too_many_subscriptions`
 */
export async function subscribe(ctx: Ctx, accountId: string, input: NewSubscription): Promise<SubscriptionDoc> {
  const wanted = subscriptionSchema.parse(input);
  if (wanted.isAboutLed && !wanted.isPersonal)
    throw faultIn('led', 'To follow only the projects you lead, also select “Only me, by direct message”.');
  return inChange(ctx, accountId, wanted.isPersonal ? 'see' : 'edit_groups', async (tx, { sight }) => {
    await assertTheirs(accountId, wanted, {
      sight,
      hiddenIds: await hiddenProjectIds(accountId, sight, tx.clock.now()),
    });
    await takeTurn(tx, `subscriptions:${accountId}:${wanted.channelId}`);
    const there = await countSubscriptions(accountId, wanted.channelId);
    if (there >= MOST) throw new Refusal('too_many_subscriptions', { limit: MOST });
    const { digest, ...rest } = wanted;
    const subscription = await insertSubscription(tx, {
      ...rest,
      ...(digest && { digest, digestsSince: tx.clock.now() }),
      _id: newId('sub'),
      accountId,
      madeBy: tx.actor.kind === 'person' ? tx.actor.userId : null,
      position: await lastEntryNumber(accountId),
    });
    await tellLog(tx, accountId, 'Began', subscription._id, wanted.channelId);
    return subscription;
  });
}

/**
 * The account's subscriptions, or a channel's, with the names of what the caller sees. Other people's personal ones are
 * left out, and so are those only about what the caller doesn't see.
 */
export async function listSubscriptions(
  ctx: Ctx,
  accountId: string,
  channelId?: string,
): Promise<SubscriptionSummary[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = new Set([...sight.hidden, ...(await hiddenProjectIds(accountId, sight, ctx.clock.now()))]);
  const all = await subscriptionsOf({ accountId, channelId }, MOST_LISTED);
  const mine = all.filter(
    (one) => (!one.isPersonal && !isOnlyAbout(one, hidden)) || (one.isPersonal && isMine(ctx, one)),
  );
  const groupIds = mine.flatMap((one) => one.groupIds.filter((id) => !hidden.has(id)));
  const projectIds = mine.flatMap((one) => one.projectIds.filter((id) => !hidden.has(id)));
  const groups = await groupNames(accountId, groupIds);
  const projects = await titlesOfProjects(accountId, projectIds);
  const head = await lastEntryNumber(accountId);
  const names = new Map([...groups, ...projects]);
  return mine.map((one) => ({
    ...one,
    about: [...one.groupIds, ...one.projectIds].flatMap((id) => names.get(id) ?? []),
    behind: Math.max(0, head - one.position),
  }));
}

/**
 * Pauses delivery and keeps the log position. Safe to repeat. @throws {Refusal} `subscription_not_found`, `role_needed`
 */
export async function pauseSubscription(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await change(ctx, accountId, id, 'Paused', { state: 'paused' });
}

/**
 * Resumes delivery where it stopped, in the same channel or in another one. @throws {Refusal} as `pauseSubscription`
 */
export async function resumeSubscription(ctx: Ctx, accountId: string, id: string, channelId?: string): Promise<void> {
  const fresh = { state: 'active', brokenBy: null, brokenTold: false, notBefore: null, failures: 0, lastError: null };
  // nothing can have been posted in another channel yet
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

/** Who is notified when a channel no longer accepts messages: the subscription's creator, and the account's owners. */
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

/** A subscription that the caller may change: their own, or a channel's with the permission to edit groups. */
async function theirs(ctx: Ctx, accountId: string, id: string): Promise<SubscriptionDoc> {
  await admit(ctx, accountId, 'see');
  const found = await subscriptionById(accountId, id);
  if (!found || (found.isPersonal && !isMine(ctx, found))) {
    throw new Refusal('subscription_not_found');
  }
  if (!found.isPersonal) await admit(ctx, accountId, 'edit_groups');
  return found;
}

function isOnlyAbout({ groupIds, projectIds }: SubscriptionDoc, hidden: ReadonlySet<string>): boolean {
  const ids = [...groupIds, ...projectIds];
  return ids.length > 0 && ids.every((id) => hidden.has(id));
}

function isMine(ctx: Ctx, { madeBy }: SubscriptionDoc): boolean {
  return ctx.actor.kind !== 'person' || ctx.actor.userId === madeBy;
}

async function assertTheirs(
  accountId: string,
  { groupIds, projectIds }: { groupIds: readonly string[]; projectIds: readonly string[] },
  { sight, hiddenIds }: { readonly sight: Sight; readonly hiddenIds: readonly string[] },
): Promise<void> {
  const groups = await groupNames(
    accountId,
    groupIds.filter((id) => sight.sees(id)),
  );
  const projects = await namesOfProjects(
    accountId,
    projectIds.filter((id) => !hiddenIds.includes(id)),
  );
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
