import { type AccountDoc, Accounts } from './accounts.ts';

/** An account; null where there is none. */
export async function accountById(accountId: string): Promise<AccountDoc | null> {
  return Accounts.findById(accountId).lean();
}

/** An account that has to be there. @throws {Error} when it isn't */
export async function accountOrFail(accountId: string): Promise<AccountDoc> {
  return Accounts.findById(accountId).orFail().lean();
}

/** All accounts, one after another. */
export function eachAccount(): AsyncIterable<AccountDoc> {
  return Accounts.find().lean().cursor();
}

/** An account's time zone, an IANA name. @throws {Error} when the account isn't there */
export async function timeZoneOf(accountId: string): Promise<string> {
  return (await Accounts.findById(accountId, { timeZone: 1 }).orFail().lean()).timeZone;
}
