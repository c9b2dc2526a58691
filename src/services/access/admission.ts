import type { Role } from '../../billing/account/role.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';

/** An account, and what the one who asks is in it; `null` for automation and the operator, who are no members. */
export interface Admission {
  readonly account: AccountDoc;
  readonly role: Role | null;
}
