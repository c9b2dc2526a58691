import type { Role } from '../../src/billing/account/role.ts';
import { chooseAccountById, createAccount, setMember } from '../../src/services/accounts/accounts.ts';
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
  of: {
    readonly members?: readonly (keyof typeof ROLES)[];
    readonly timeZone?: string;
    readonly name?: string;
    /** Null for an account that posts nothing. */
    readonly channel?: string | null;
  } = {},
): Promise<string> {
  const { members = [], timeZone = 'Europe/Berlin', name = 'Acme', channel = FINANCE } = of;
  const input = { name, timeZone, currency: 'EUR', financeChannelId: channel };
  const { _id } = await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input);
  for (const userId of members) await setMember(ctx, _id, userId, ROLES[userId]);
  return _id;
}

/** Creates an account in UTC that posts nothing, and makes it U0OWNER's current one. @returns its ID */
export async function createCurrentAcme(ctx: Ctx, name: string): Promise<string> {
  const accountId = await createAcme(ctx, { name, timeZone: 'Etc/UTC', channel: null });
  await chooseAccountById(TEAM_ID, 'U0OWNER', accountId);
  return accountId;
}
