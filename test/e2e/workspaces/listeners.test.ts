import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { StoredState } from '../../support/database/stored-state.ts';
import { NEEDS, PERSON_OF } from '../../support/slack/listener-needs.ts';
import { sendFrom } from '../../support/slack/listener-requests.ts';
import { type LookAlikeWorld, lookAlikeWorld } from '../../support/slack/look-alike-world.ts';
import { LOOK_ALIKES, type LookAlike } from '../../support/slack/look-alikes.ts';

useDatabase(migrate, { monitorCommands: true });

/** They end the installation of a workspace, which has its own tests. */
const ENDING: readonly string[] = ['event app_uninstalled', 'event tokens_revoked'];
const LISTENERS = Object.keys(NEEDS).filter((name) => !ENDING.includes(name));

const clock = new TestClock('2026-03-20T12:00:00Z');
/** How often each workspace was sent its own name. */
const shown = new Map<LookAlike, number>();
let world: LookAlikeWorld;
let start: StoredState;

beforeAll(async () => {
  world = await lookAlikeWorld(clock, ({ word }) => `Date,Rate\n2026-03-01,${word}\n`);
  start = await StoredState.now();
});
afterAll(() => world.stop());

/** Sends the same request in workspaces at once. @param about the one whose objects it names */
async function walk(
  listener: string,
  request: string,
  senders: readonly LookAlike[],
  about: (from: LookAlike) => LookAlike,
) {
  const mark = world.mark();
  const answers = new Map<LookAlike, string>();
  await Promise.all(
    senders.map(async (from) => {
      const response = await sendFrom(world.sending(from, about(from)), listener, PERSON_OF.owner, request);
      answers.set(from, (await response?.text()) ?? '');
    }),
  );
  await world.quiet();
  return world.since(mark, answers);
}

/** Two workspaces, so that each listener is used in one with its own installation and in one of the organization. */
function pairOf(at: number): readonly [LookAlike, LookAlike] {
  const [one, two, three, four] = LOOK_ALIKES as readonly [LookAlike, LookAlike, LookAlike, LookAlike];
  const pairs = [
    [one, three],
    [two, four],
    [one, four],
    [two, three],
  ] as const;
  return pairs[at % pairs.length] ?? pairs[0];
}

const namesIn = (by: ReadonlyMap<string, number> = new Map()) => [...by.values()].reduce((sum, one) => sum + one, 0);
const failures = () =>
  world.processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === 'a request failed').map(({ err }) => err));

describe('the same request in workspaces with the same IDs', () => {
  it.each(LISTENERS.map((name, at) => [name, at] as const))('%s names only its own', async (listener, at) => {
    const [first, second] = pairOf(at);
    // IDs of another workspace's objects are those of nothing
    const [stranger, of] = at % 2 === 0 ? [first, second] : [second, first];
    expect((await walk(listener, `next ${listener}`, [stranger], () => of)).strangers).toEqual([]);
    await start.revert();
    const { strangers, own } = await walk(listener, `own ${listener}`, [first, second], (from) => from);
    expect(strangers).toEqual([]);
    const [count, other] = [namesIn(own.get(first)), namesIn(own.get(second))];
    // what one workspace is shown, the other is shown as well
    expect(other).toBe(count);
    for (const one of [first, second]) shown.set(one, (shown.get(one) ?? 0) + count);
    await start.revert();
  });

  it('shows each workspace the links to its own objects, and no others', async () => {
    const { strangers, own } = await walk('event link_shared', 'links', LOOK_ALIKES, (from) => from);
    expect(strangers).toEqual([]);
    for (const one of LOOK_ALIKES) expect(own.get(one)).toEqual(new Map([['chat.unfurl', 1]]));
    await start.revert();
  });

  it('shows names in most answers, so that the comparison isn’t about empty ones', () => {
    expect(failures()).toEqual([]);
    for (const one of LOOK_ALIKES) expect(shown.get(one)).toBeGreaterThan(50);
  });
});
