import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { projectIdsHeldByAny } from '../../store/groups/membership-reads.ts';
import { subscriptionsOf } from '../../store/notices/subscription-reads.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import { entering } from '../access/rights.ts';
import { type GroupSummary, groupSummary } from '../groups/group-lists.ts';
import { getInvoice, type InvoiceSummary } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';
import type { LinkTarget } from '../kit/links.ts';
import { getMove, type MoveSummary } from '../moves/move-read.ts';
import { distinguishingName } from './notice-facts.ts';

/** As many as a channel can have. */
const MOST_SUBSCRIPTIONS = 20;

/** An object with all its figures. */
export type Linked =
  | { readonly kind: 'invoice'; readonly invoice: InvoiceSummary }
  | { readonly kind: 'group'; readonly group: GroupSummary }
  | { readonly kind: 'move'; readonly move: MoveSummary };

/** What a channel may see of an object that a link names. */
export type LinkPreview =
  | { readonly sees: 'name'; readonly groupName: string }
  | {
      readonly sees: 'all';
      readonly linked: Linked;
      /** Undefined if the workspace has no other account. */
      readonly accountName: string | undefined;
    };

/** An object, the groups it is about, and the one that stands for it. */
interface Found {
  readonly linked: Linked;
  readonly groupName: string;
  readonly groupIds: readonly string[];
}

type SeenObject = Found & { readonly account: AccountDoc };

/**
 * What everybody in a channel may see of an object to which the caller shared a link there: nothing if the caller
 * doesn't see it themselves, as for an object that doesn't exist; nothing if it concerns a private group; all of it
 * where the same figures are posted anyway; otherwise only the group's name. The caller must check that nobody from
 * elsewhere reads the channel.
 */
export async function linkPreview(ctx: Ctx, link: LinkTarget, channelId: string): Promise<LinkPreview | undefined> {
  const seen = await foundBy(ctx, link);
  if (!seen) return undefined;
  const { account, linked, groupName } = seen;
  if (await isPrivate(account, seen, ctx.clock.now())) return undefined;
  if (!(await hasFigures(account, seen, channelId))) return { sees: 'name', groupName };
  return { sees: 'all', linked, accountName: await distinguishingName(account._id) };
}

/**
 * The object that a link names, for the caller alone.
 *
 * @throws {Refusal} `account_not_found`, `invoice_not_found`, `billing_group_not_found`, `move_not_found`
 */
export async function linkedObject(ctx: Ctx, link: LinkTarget): Promise<Linked> {
  return (await seenBy(ctx, link)).linked;
}

/** The object, if the caller sees it. */
async function foundBy(ctx: Ctx, link: LinkTarget): Promise<SeenObject | undefined> {
  try {
    return await seenBy(ctx, link);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** @throws {Refusal} as `linkedObject` */
async function seenBy(ctx: Ctx, link: LinkTarget): Promise<SeenObject> {
  const entered = await entering(ctx, link.accountId);
  const { account } = entered.known;
  // an address with another workspace's ID leads people there
  if (account.teamId !== link.teamId) throw new Refusal('account_not_found', {});
  return { account, ...(await find(entered, link)) };
}

async function find(ctx: Ctx, { accountId, kind, id }: LinkTarget): Promise<Found> {
  if (kind === 'invoice') {
    const invoice = await getInvoice(ctx, accountId, { id });
    return {
      linked: { kind, invoice },
      groupName: invoice.billingGroupName,
      groupIds: [invoice.billingGroupId],
    };
  }
  if (kind === 'group') {
    const group = await groupSummary(ctx, accountId, id);
    return { linked: { kind, group }, groupName: group.name, groupIds: [group.id] };
  }
  const move = await getMove(ctx, accountId, id);
  return { linked: { kind, move }, groupName: move.toGroupName, groupIds: groupIdsOf(move) };
}

/** The groups that a request or its cost impact names. */
function groupIdsOf({ toGroupId, projects, facts }: MoveSummary): string[] {
  const left = projects.map(({ fromGroupId }) => fromGroupId);
  const estimated = facts?.estimates.flatMap(({ billingGroupId }) => billingGroupId ?? []) ?? [];
  return [...new Set([toGroupId, ...left, ...estimated])];
}

/** Whether an object concerns a private group, also by a project that has joined one since. */
async function isPrivate(
  { _id: accountId, privateGroupIds = [] }: AccountDoc,
  { linked, groupIds }: Found,
  now: Date,
): Promise<boolean> {
  if (privateGroupIds.length === 0) return false;
  if (groupIds.some((id) => privateGroupIds.includes(id))) return true;
  if (linked.kind !== 'move') return false;
  const hidden = new Set(await projectIdsHeldByAny(accountId, privateGroupIds, now));
  return linked.move.projects.some(({ projectId }) => hidden.has(projectId));
}

/**
 * Whether a channel is notified of the figures already: of the invoices or costs of each group, or of all requests with
 * their cost impact.
 */
async function hasFigures(account: AccountDoc, { linked, groupIds }: Found, channelId: string): Promise<boolean> {
  if (linked.kind === 'move' && account.approvalsChannelId === channelId) return true;
  const all = await subscriptionsOf({ accountId: account._id, channelId }, MOST_SUBSCRIPTIONS);
  const telling = all.filter(tellsFigures);
  return groupIds.every((id) => telling.some((one) => covers(one, id)));
}

function tellsFigures({ state, isPersonal, kinds, digest }: SubscriptionDoc): boolean {
  const isOfInvoices = digest !== undefined || kinds.length === 0 || kinds.includes('invoices');
  return state === 'active' && !isPersonal && isOfInvoices;
}

function covers({ groupIds, projectIds }: SubscriptionDoc, billingGroupId: string): boolean {
  return groupIds.includes(billingGroupId) || groupIds.length + projectIds.length === 0;
}
