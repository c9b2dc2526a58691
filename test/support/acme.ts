import type { Role } from '../../src/billing/account/role.ts';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { FINANCE, TEAM_ID } from './product.ts';

/** People in the test workspace, by their role in Acme. */
const ROLES = {
  U0ADMIN: 'billing_admin',
  U0APPROVER: 'approver',
  U0MEMBER: 'member',
  U0VIEWER: 'viewer',
} as const satisfies Record<string, Role>;

/** Creates the account for most end-to-end tests: Acme, in euros, owned by U0OWNER. @returns its ID */
export async function createAcme(
  ctx: Ctx,
  { members = [], timeZone = 'Europe/Berlin' }: { members?: readonly (keyof typeof ROLES)[]; timeZone?: string } = {},
): Promise<string> {
  const input = { name: 'Acme', timeZone, currency: 'EUR', financeChannelId: FINANCE };
  const { _id } = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
  for (const userId of members) await setMember(ctx, _id, userId, ROLES[userId]);
  return _id;
}
