import { drawTurn } from '../../store/background/loop-turns.ts';

/** The fractional part of the golden ratio: its multiples, without what stands before the point, spread most evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Items in an order in which no account waits for another's: one item of each account by turns, an account's own in the
 * order given. Each run begins with another account, also in several processes at once, so that runs that are killed
 * again and again after a few items still come to every account.
 */
export async function* inTurn<T>(
  kind: string,
  all: Iterable<T> | AsyncIterable<T>,
  accountOf: (one: T) => string,
): AsyncGenerator<T> {
  const byAccount = new Map<string, T[]>();
  for await (const one of all) {
    const own = byAccount.get(accountOf(one));
    if (own) own.push(one);
    else byAccount.set(accountOf(one), [one]);
  }
  const accounts = [...byAccount.values()];
  const first = accounts.length > 1 ? startOf(await drawTurn(kind), accounts.length) : 0;
  const rotated = [...accounts.slice(first), ...accounts.slice(0, first)];
  const most = rotated.reduce((longest, { length }) => Math.max(longest, length), 0);
  for (let place = 0; place < most; place++) {
    for (const own of rotated) {
      const one = own[place];
      if (one !== undefined) yield one;
    }
  }
}

/** With which of so many accounts a run begins. */
export function startOf(turn: number, accounts: number): number {
  return Math.floor(((turn * GOLDEN) % 1) * accounts);
}
