import type { Right } from '../../billing/account/role.ts';
import { Refusal } from '../../billing/refusal.ts';
import { hasUnrevokedToken } from '../../store/accounts/token-queries.ts';
import { changeFacts, restOnFacts } from '../../store/kit/holds.ts';
import { inRehearsal, type Tx } from '../../store/kit/transaction.ts';
import type { Admission } from '../access/admission.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from './context.ts';
import { type Change, inTransaction } from './transaction.ts';

/** Runs a change of an account's data, for anyone who has the right. @throws {Refusal} as `admit`; what `change` throws */
type RunChange = <T>(
  ctx: Ctx,
  accountId: string,
  right: Right,
  change: (tx: Change, admission: Admission) => Promise<T>,
) => Promise<T>;

/**
 * Runs a change of an account's data as one transaction. Anyone who asks is let in inside it, and the account is read inside
 * it: their role and the account's settings can't change unseen until it is committed (domain.md, Membership). Changes of
 * one account don't wait for each other for that.
 */
export const inChange: RunChange = changing(restOnAccount);

/** The same for a change of what others rest on: settings, members, the primary group. One of them at a time. */
export const inAccountChange: RunChange = changing(changeAccount);

/**
 * What a change would do, by its own checks, for a person to confirm: nothing is kept, and no tick is asked for.
 *
 * @throws what `change` throws
 */
export function rehearsed<T>(ctx: Ctx, change: (ctx: Ctx) => Promise<T>): Promise<T> {
  return inRehearsal(() => change({ ...ctx, nudge: () => undefined }));
}

/** For a transaction that reads an account's settings or members, before it does. */
export async function restOnAccount(tx: Tx, accountId: string): Promise<void> {
  await restOnFacts(tx, `account:${accountId}`);
}

/** For a transaction that changes an account's settings or members, before it reads them. */
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

/** Lets someone in by what is there now, whatever was known before the transaction. @throws {Refusal} as `admit` */
async function admitAnew({ known: _known, ...ctx }: Ctx, accountId: string, right: Right): Promise<Admission> {
  const { actor } = ctx;
  if (actor.kind === 'token' && !(await hasUnrevokedToken(accountId, actor.name))) {
    throw new Refusal('token_revoked');
  }
  return admit(ctx, accountId, right);
}
