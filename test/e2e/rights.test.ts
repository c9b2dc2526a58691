import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { may, ROLES, type Role, rolesWith } from '../../src/billing/account/role.ts';
import { createGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { setPrivacy } from '../../src/services/groups/privacy.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { StoredState } from '../support/database/stored-state.ts';
import { NEEDS, type Needs, PERSON_OF } from '../support/slack/listener-needs.ts';
import { type ListenerWorld, listenerWorld, sendTo } from '../support/slack/listener-requests.ts';

useDatabase(migrate, { monitorCommands: true });

/** The codes of refusals for a missing permission or membership. */
const NO_RIGHT = ['role_needed', 'not_an_approver', 'not_yours'];
const NO_MEMBER = ['account_not_found', 'not_a_member'];
/** Listeners with rules beyond roles: only the requester can withdraw, and the last owner can't leave. */
const OWN_RULES: readonly string[] = ['action move.withdraw', 'action members.leave', 'action group.menu'];

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let world: ListenerWorld;
/** What each request starts with. */
let start: StoredState;

beforeAll(async () => {
  world = await listenerWorld(clock);
  start = await StoredState.now();
});
afterAll(() => world.app.stop());

/** Sends a listener its request as a person, and returns how it ended. */
async function outcome(listener: string, userId: string): Promise<string> {
  const { lines } = world.app;
  const before = lines.length;
  const answer = await sendTo(world, listener, userId);
  if (!listener.startsWith('options ')) return ended(before);
  const stays = lines.slice(before).find((line) => line.msg === 'the options of a menu could not be loaded');
  await answer?.arrayBuffer();
  return stays ? `refused ${(stays.err as { code?: string } | undefined)?.code}` : 'done';
}

/** How the request ended, according to the product's log. */
async function ended(before: number): Promise<string> {
  await Promise.all(world.app.app.running);
  for (const line of world.app.lines.slice(before)) {
    if (line.msg === 'done') return 'done';
    if (line.msg === 'refused') return `refused ${String(line.code)}`;
    if (line.msg === 'a request failed') return `failed ${JSON.stringify(line.err).slice(0, 200)}`;
  }
  return 'silent';
}

it('every listener is in the table, and nothing else', () => {
  const listeners = world.app.app.registry.registered.map(({ kind, name }) => `${kind} ${name}`);
  expect(listeners.filter((listener) => !(listener in NEEDS))).toEqual([]);
  expect(Object.keys(NEEDS).filter((listener) => !listeners.includes(listener))).toEqual([]);
});

it('each role may do all that those below it may', () => {
  for (const right of new Set(Object.values(NEEDS))) {
    if (right === 'nothing') continue;
    expect(rolesWith(right)).toEqual(ROLES.slice(0, rolesWith(right).length));
  }
});

/** The highest role, those on both sides of the limit, and somebody without one: the others are like one of them. */
function askedBy(needs: Needs): readonly (Role | 'stranger')[] {
  const below = needs === 'nothing' ? ROLES.length : rolesWith(needs).length;
  return [...new Set([ROLES[0], ...ROLES.slice(below - 1, below + 1)]), 'stranger'];
}

describe.each(Object.entries(NEEDS))('%s', (listener, needs) => {
  it(`requires: ${needs}`, async () => {
    for (const role of askedBy(needs)) {
      const came = await outcome(listener, PERSON_OF[role]);
      await start.revert();
      const code = came.replace('refused ', '');
      const said = `${role}: ${came}`;
      expect(said).not.toContain('failed');
      if (needs === 'nothing') expect(said).not.toContain('role_needed');
      else if (role === 'stranger') expect(NO_MEMBER.includes(code) ? 'refused' : said).toBe('refused');
      else if (may(role, needs))
        expect(NO_RIGHT.includes(code) && !OWN_RULES.includes(listener) ? said : 'let in').toBe('let in');
      else expect(NO_RIGHT.includes(code) ? 'refused' : said).toBe('refused');
      expect(NO_MEMBER.includes(code) && role !== 'stranger' ? said : 'a member').toBe('a member');
    }
  });
});

describe('a private group', () => {
  /** People with a role who are neither its approvers nor leads of its projects. The first reaches most. */
  const outsidersOf = (at: number) => ['approver', at % 2 === 0 ? 'member' : 'viewer'] as const;
  const NAME = 'Undisclosed';

  beforeAll(async () => {
    const of = { accountId: world.facts.account ?? '', billingGroupId: world.facts.group ?? '' };
    await renameGroup(ctx, { ...of, name: NAME });
    // the primary group can't be private
    await createGroup(ctx, { accountId: of.accountId, name: 'Elsewhere', isPrimary: true });
    await setPrivacy(ctx, { ...of, isPrivate: true });
    start = await StoredState.now();
  });

  it.each(Object.keys(NEEDS).map((name, at) => [name, at] as const))(
    'is never named to outsiders by %s',
    async (listener, at) => {
      for (const role of outsidersOf(at)) {
        const [calls, before] = [world.app.api.calls.length, world.app.lines.length];
        const answer = await sendTo(world, listener, PERSON_OF[role], `private.${role}.${listener}`);
        const came = listener.startsWith('options ') ? await answer?.text() : await ended(before);
        const told = JSON.stringify([came, world.app.api.calls.slice(calls).map(({ args }) => args)]);
        expect({ role, told }).toEqual({ role, told: expect.not.stringContaining(NAME) });
        await start.revert();
      }
    },
  );

  it('is named to an owner by its view', async () => {
    const calls = world.app.api.calls.length;
    const before = world.app.lines.length;
    await sendTo(world, 'action group.open', PERSON_OF.owner, 'private.owner');
    expect(await ended(before)).toBe('done');
    expect(JSON.stringify(world.app.api.calls.slice(calls))).toContain(NAME);
  });
});
