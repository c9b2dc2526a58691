import type { Right } from '../../billing/account/role.ts';
import { Refusal } from '../../billing/refusal.ts';
import { hasUnrevokedToken } from '../../store/accounts/token-queries.ts';
import { changeFacts, restOnFacts } from '../../store/kit/holds.ts';
import { inRehearsal, type Tx } from '../../store/kit/transaction.ts';
import type { Admission } from '../access/admission.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from './context.ts';
import { type Change, inTransaction } from './transaction.ts';

/**
 * Runs a change of an account's data, if the caller has the permission. @throws {Refusal} as `admit`; what `change`
 * throws
 */
type RunChange = <T>(
  ctx: Ctx,
  accountId: string,
  right: Right,
  change: (tx: Change, admission: Admission) => Promise<T>,
) => Promise<T>;

/**
 * Runs a change of an account's data as one transaction. The caller is admitted and the account is read inside it, so
 * their role and the account's settings can't change before it is committed (domain.md, Membership). Changes of one
 * account still don't block each other.
 */
export const inChange: RunChange = changing(restOnAccount);

/** The same for a change that others depend on: settings, members, the primary group. Only one at a time. */
export const inAccountChange: RunChange = changing(changeAccount);

/**
 * What a change would do, with its own checks, for a person to confirm. Nothing is stored, and no tick is requested.
 *
 * @throws what `change` throws
 */
export function rehearsed<T>(ctx: Ctx, change: (ctx: Ctx) => Promise<T>): Promise<T> {
  return inRehearsal(() => change({ ...ctx, nudge: () => undefined }));
}

/** Must be called in a transaction before it reads an account's settings or members. */
export async function restOnAccount(tx: Tx, accountId: string): Promise<void> {
  await restOnFacts(tx, `account:${accountId}`);
}

/** Must be called in a transaction that changes an account's settings or members, before it reads them. */
export async function changeAccount(tx: Tx, accountId: string): Promise<void> {
  await changeFacts(tx, `account:${accountId}`);
}

function changing(hold: (tx: Tx, accountId: string) => Promise<void>): RunChange {
  return (ctx, accountId, right, change) =>
    inTransaction(ctx, async (tx) => {
      await hold(tx, accountId);
      return change(tx, await admitAnew(ctx, accountId, right));
    });
}

/** Admits the caller based on current data, whatever was known before the transaction. @throws {Refusal} as `admit` */
async function admitAnew({ known: _known, ...ctx }: Ctx, accountId: string, right: Right): Promise<Admission> {
  const { actor } = ctx;
  if (actor.kind === 'token' && !(await hasUnrevokedToken(accountId, actor.name))) {
    throw new Refusal('token_revoked');
  }
  return admit(ctx, accountId, right);
}
