import { may, type Right, type Role, rolesWith } from '../../billing/account/role.ts';
import { FULL_SIGHT } from '../../billing/account/sight.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import { type AccountDoc, activeUsersOf } from '../../store/accounts/accounts.ts';
import { membershipsHeldBy, membersWithRoles } from '../../store/accounts/member-reads.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import type { Admission } from './admission.ts';
import { mightiest } from './mightiest.ts';
import { sightOf } from './sight.ts';

export { mightiest } from './mightiest.ts';

/** How many of the people who can help a refusal names. */
const MOST_NAMED = 5;

const accountReads = new SharedReads<AccountDoc | null>();

/**
 * Admits the caller or throws a refusal. This is the only place where rights are checked, whatever way a request comes
 * in. A person's role is the highest of their own and their user groups' roles.
 *
 * @throws {Refusal} `account_not_found` for non-members (who never learn that it exists), `role_needed` with the people
 * who have the role for members without the right; the attempt is logged
 */
export async function admit(
  ctx: Ctx,
  accountId: string,
  right: Right,
  read: typeof accountById = accountById,
): Promise<Admission> {
  if (right === 'see' && ctx.known?.account._id === accountId) {
    ctx.entered?.(accountId);
    return ctx.known;
  }
  const { actor } = ctx;
  if (actor.kind === 'token' && actor.accountId !== accountId) throw unknownAccount();
  const account = await read(accountId);
  if (!account) throw unknownAccount();
  if (actor.kind === 'automation' || actor.kind === 'operator') return { account, role: null, sight: FULL_SIGHT };
  const role = actor.kind === 'token' ? actor.role : mightiest(await membershipsHeldBy(accountId, actor));
  if (!role) throw unknownAccount();
  ctx.entered?.(accountId);
  if (!may(role, right)) {
    ctx.log.info({ accountId, actor: actorName(actor), right, role }, 'refused: missing permission');
    throw await roleNeeded(accountId, right);
  }
  const reader = { role, ...(actor.kind === 'person' && { userId: actor.userId }) };
  return { account, role, sight: await sightOf(account, reader, ctx.clock.now()) };
}

/**
 * Admits the caller to what belongs to one billing group. @throws {Refusal} as `admit`; `billing_group_not_found` for a
 * private group that the caller doesn't see, as for one that doesn't exist
 */
export async function admitTo(ctx: Ctx, accountId: string, billingGroupId: string): Promise<Admission> {
  const admission = await admit(ctx, accountId, 'see');
  if (!admission.sight.sees(billingGroupId)) throw new Refusal('billing_group_not_found', {});
  return admission;
}

/** For actions across all accounts: only allowed on the server's command line. @throws {Error} for other callers */
export function assertOperator({ actor }: Ctx): void {
  if (actor.kind !== 'operator') throw new Error('Only the operator can do this');
}

/**
 * The same context, for a response that takes several reads: the caller is only checked once. Requests at the same time
 * share the read of the account, but not the check. @throws {Refusal} as `admit`
 */
export async function entering(ctx: Ctx, accountId: string): Promise<Ctx & { readonly known: Admission }> {
  const read = () => accountReads.get(accountId, () => accountById(accountId));
  return { ...ctx, known: await admit(ctx, accountId, 'see', read) };
}

/** The active people with one of these roles, directly or through a user group, in the order in which they joined. */
export async function holdersOf(
  accountIds: readonly string[],
  roles: readonly Role[],
  most: number,
): Promise<string[]> {
  const members = await membersWithRoles(accountIds, roles, most);
  // people who were added individually are more likely to be able to help
  const own = members.filter((member) => member.kind !== 'usergroup').map((member) => member.userId);
  const grouped = members.filter((member) => member.kind === 'usergroup').flatMap(activeUsersOf);
  return [...new Set([...own, ...grouped])].slice(0, most);
}

function unknownAccount(): Refusal {
  return new Refusal('account_not_found', {});
}

async function roleNeeded(accountId: string, right: Right): Promise<Refusal> {
  const roles = rolesWith(right);
  return new Refusal('role_needed', { right }, { people: await holdersOf([accountId], roles, MOST_NAMED) });
}
