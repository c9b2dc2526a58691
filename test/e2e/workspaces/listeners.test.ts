import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { type KeptState, keepState, restoreState } from '../../support/database/stored-state.ts';
import { NEEDS, PERSON_OF } from '../../support/slack/listener-needs.ts';
import { sendFrom } from '../../support/slack/listener-requests.ts';
import { type LookAlikeWorld, lookAlikeWorld } from '../../support/slack/look-alike-world.ts';
import { LOOK_ALIKES, type LookAlike } from '../../support/slack/look-alikes.ts';

useDatabase(migrate);

/** They end the installation of a workspace, which has its own tests. */
const ENDING: readonly string[] = ['event app_uninstalled', 'event tokens_revoked'];
const LISTENERS = Object.keys(NEEDS).filter((name) => !ENDING.includes(name));

const clock = new TestClock('2026-03-20T12:00:00Z');
/** How often each workspace was sent its own name. */
const shown = new Map<LookAlike, number>();
let world: LookAlikeWorld;
let start: KeptState;
let eventsAtStart = 0;

beforeAll(async () => {
  world = await lookAlikeWorld(clock, ({ word }) => `Date,Rate\n2026-03-01,${word}\n`);
  start = await keepState();
  eventsAtStart = await Events.countDocuments({});
});
afterAll(() => world.stop());

/** Sends the same request in all workspaces at once. @param about the workspace whose objects it names */
async function walk(listener: string, request: string, about: (at: number) => LookAlike | undefined) {
  const mark = world.mark();
  const answers = new Map<LookAlike, string>();
  await Promise.all(
    LOOK_ALIKES.map(async (from, at) => {
      const response = await sendFrom(world.sending(from, about(at)), listener, PERSON_OF.owner, request);
      answers.set(from, (await response?.text()) ?? '');
    }),
  );
  await world.quiet();
  return world.since(mark, answers);
}

const failures = () =>
  world.processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg === 'a request failed').map(({ err }) => err));

describe('the same request in workspaces with the same IDs', () => {
  it.each(LISTENERS)('%s names only its own', async (listener) => {
    // IDs of another workspace's objects are those of nothing
    const next = (at: number) => LOOK_ALIKES[(at + 1) % LOOK_ALIKES.length];
    expect((await walk(listener, `next ${listener}`, next)).strangers).toEqual([]);
    const { strangers, own } = await walk(listener, `own ${listener}`, () => undefined);
    expect(strangers).toEqual([]);
    const counts = [...own.values()].map((by) => [...by.values()].reduce((sum, one) => sum + one, 0));
    // what one workspace is shown, all are shown
    expect(new Set(counts).size).toBe(1);
    for (const [at, one] of LOOK_ALIKES.entries()) shown.set(one, (shown.get(one) ?? 0) + (counts[at] ?? 0));
    // every change has its event
    if ((await Events.countDocuments({})) > eventsAtStart) await restoreState(start, await keepState());
  });

  it('shows names in most answers, so that the comparison isn’t about empty ones', () => {
    expect(failures()).toEqual([]);
    for (const one of LOOK_ALIKES) expect(shown.get(one)).toBeGreaterThan(100);
  });
});
