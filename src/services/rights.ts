import { Refusal } from '../billing/refusal.ts';
import { may, purposeOf, type Right, type Role, roleName, rolesWith } from '../billing/role.ts';
import { type AccountDoc, Accounts, Members } from '../store/accounts.ts';
import type { Ctx } from './context.ts';

/** An account, and what the one who asks is in it; `null` for automation and the operator, who are no members. */
export interface Admission {
  readonly account: AccountDoc;
  readonly role: Role | null;
}

/**
 * Lets someone in, or refuses: the one place where rights are checked, for whoever asks by whichever way.
 *
 * @throws {Refusal} `account_not_found` for those who are no members (they never learn that it exists), `role_needed`
 * with who has the role for members without the right; the attempt is logged
 */
export async function admit(ctx: Ctx, accountId: string, right: Right): Promise<Admission> {
  if (right === 'see' && ctx.known?.account._id === accountId) return ctx.known;
  const account = await Accounts.findById(accountId).lean();
  if (!account) throw unknownAccount();
  const { actor } = ctx;
  if (actor.kind !== 'person') return { account, role: null };
  const member = await Members.findOne({ accountId, teamId: actor.teamId, userId: actor.userId }).lean();
  if (!member) throw unknownAccount();
  if (!may(member.role, right)) {
    ctx.log.info({ accountId, userId: actor.userId, right, role: member.role }, 'refused for want of a right');
    throw await roleNeeded(accountId, right);
  }
  return { account, role: member.role };
}

/** The same context, for an answer that takes several readings: who it is for is asked once. @throws {Refusal} as `admit` */
export async function entering(ctx: Ctx, accountId: string): Promise<Ctx & { readonly known: Admission }> {
  return { ...ctx, known: await admit(ctx, accountId, 'see') };
}

function unknownAccount(): Refusal {
  return new Refusal('account_not_found', 'There is no such account.', {
    wayOut: 'Type /billing account to see the accounts you belong to.',
  });
}

async function roleNeeded(accountId: string, right: Right): Promise<Refusal> {
  const roles = rolesWith(right);
  const holders = await Members.find({ accountId, role: { $in: [...roles] } }, { userId: 1 })
    .sort({ role: -1, createdAt: 1 })
    .limit(5)
    .lean();
  const names = roles.map(roleName).join(' or ');
  return new Refusal('role_needed', `To ${purposeOf(right)}, one needs the role of ${names}.`, {
    people: holders.map((holder) => holder.userId),
  });
}
