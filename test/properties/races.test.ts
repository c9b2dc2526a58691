import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { PAIRS } from '../support/races/pairs.ts';
import { faultsOf, settle } from '../support/races/soundness.ts';
import { cardsOf, type StripeStandIn, startStripe } from '../support/stripe.ts';

useDatabase(migrate);

/** Rounds of each pair, every other one in the other order. */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 2);
/** How much later the second one begins, in milliseconds, in each round. */
const DELAYS = [0, 0, 3, 8, 15, 25, 40, 60];

let stripe: StripeStandIn;

beforeAll(async () => {
  stripe = await startStripe();
});
afterAll(() => stripe.close());

/** Both at once. @returns how each ended: `done`, or the refusal’s code. @throws what isn’t a refusal */
async function atOnce(works: readonly (() => Promise<unknown>)[], delayMs: number): Promise<string[]> {
  const begun = works.map(async (work, at) => {
    if (at > 0 && delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return work();
  });
  return (await Promise.allSettled(begun)).map((one) => {
    if (one.status === 'fulfilled') return 'done';
    const code: unknown = Object(one.reason).code;
    if (typeof code !== 'string' || Object(one.reason).name !== 'Refusal') throw one.reason;
    return code;
  });
}

it.each(Object.entries(PAIRS))('%s', async (_name, pair) => {
  const cards = cardsOf(stripe);
  for (let round = 0; round < ROUNDS; round++) {
    const world = await pair.world({ clock: new TestClock('2026-11-02T12:00:00Z'), cards, stripe });
    const [first, second] = await pair.works(world);
    const isTurned = round % 2 === 1;
    const works = isTurned ? [second, first] : [first, second];
    const ended = await atOnce(works, DELAYS[Math.floor(round / 2) % DELAYS.length] ?? 0);
    const outcome = (isTurned ? ended.reverse() : ended).join(', ');
    await settle(world);
    const faults = [...(await faultsOf(world)), ...((await pair.faults?.(world)) ?? [])];
    expect({ round, outcome, faults }).toEqual({ round, outcome, faults: [] });
    if (pair.outcomes) expect(pair.outcomes).toContain(outcome);
  }
});
