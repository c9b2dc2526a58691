import type { Role } from '../../billing/account/role.ts';
import type { Sight } from '../../billing/account/sight.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';

/**
 * An account, the caller's role in it (`null` for automation and the operator, who aren't members), and which of its
 * groups they see.
 */
export interface Admission {
  readonly account: AccountDoc;
  readonly role: Role | null;
  readonly sight: Sight;
}
