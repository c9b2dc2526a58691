import { drawTurn } from '../../store/background/loop-turns.ts';

/** The fractional part of the golden ratio, whose multiples modulo 1 are spread most evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Orders items so that no account waits for another's: one item of each account in turn, each account's items in the
 * given order. Each run starts with a different account, even in several processes at once, so runs that are repeatedly
 * killed after a few items still reach every account.
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

/** The position of the account with which a run starts. */
export function startOf(turn: number, accounts: number): number {
  return Math.floor(((turn * GOLDEN) % 1) * accounts);
}
