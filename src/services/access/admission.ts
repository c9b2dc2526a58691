import type { Role } from '../../billing/account/role.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';

/** An account, and the caller's role in it; `null` for automation and the operator, who aren't members. */
export interface Admission {
  readonly account: AccountDoc;
  readonly role: Role | null;
}
