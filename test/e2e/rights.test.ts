import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { may, ROLES } from '../../src/billing/account/role.ts';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { createGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { setPrivacy } from '../../src/services/groups/privacy.ts';
import { Members } from '../../src/store/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { NEEDS, PERSON_OF } from '../support/slack/listener-needs.ts';
import { type ListenerWorld, listenerWorld, sendTo } from '../support/slack/listener-requests.ts';

useDatabase(migrate);

/** The codes of refusals for a missing permission or membership. */
const NO_RIGHT = ['role_needed', 'not_an_approver', 'not_yours'];
const NO_MEMBER = ['account_not_found', 'not_a_member'];
/** Listeners with rules beyond roles: only the requester can withdraw, and the last owner can't leave. */
const OWN_RULES: readonly string[] = ['action move.withdraw', 'action members.leave', 'action group.menu'];

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let world: ListenerWorld;

beforeAll(async () => {
  world = await listenerWorld(clock);
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
  for (let look = 0; look < 400; look++) {
    for (const line of world.app.lines.slice(before)) {
      if (line.msg === 'done') return 'done';
      if (line.msg === 'refused') return `refused ${String(line.code)}`;
      if (line.msg === 'a request failed') return `failed ${JSON.stringify(line.err).slice(0, 200)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 'silent';
}
it('every listener is in the table, and nothing else', () => {
  const listeners = world.app.app.registered.map(({ kind, name }) => `${kind} ${name}`);
  expect(listeners.filter((listener) => !(listener in NEEDS))).toEqual([]);
  expect(Object.keys(NEEDS).filter((listener) => !listeners.includes(listener))).toEqual([]);
});

describe.each(Object.entries(NEEDS))('%s', (listener, needs) => {
  it(`requires: ${needs}`, async () => {
    const people = [...ROLES, 'stranger'] as const;
    for (const role of people) {
      // restores what the previous step may have settled, and who may have left
      await Moves.updateMany({}, { $set: { state: 'open' } });
      await Members.deleteMany({ userId: PERSON_OF.stranger });
      for (const one of ROLES) await setMember(ctx, world.facts.account ?? '', PERSON_OF[one], one);
      const came = await outcome(listener, PERSON_OF[role]);
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
  /** People with a role who are neither its approvers nor leads of its projects. */
  const outsiders = ['approver', 'member', 'viewer'] as const;
  const NAME = 'Undisclosed';

  beforeAll(async () => {
    const of = { accountId: world.facts.account ?? '', billingGroupId: world.facts.group ?? '' };
    for (const one of ROLES) await setMember(ctx, of.accountId, PERSON_OF[one], one);
    await renameGroup(ctx, { ...of, name: NAME });
    // the primary group can't be private
    await createGroup(ctx, { accountId: of.accountId, name: 'Elsewhere', isPrimary: true });
    await setPrivacy(ctx, { ...of, isPrivate: true });
  });

  it.each(Object.keys(NEEDS))('is never named to outsiders by %s', async (listener) => {
    await Moves.updateMany({}, { $set: { state: 'open' } });
    for (const role of outsiders) {
      const [calls, before] = [world.app.api.calls.length, world.app.lines.length];
      const answer = await sendTo(world, listener, PERSON_OF[role], `private.${role}.${listener}`);
      const came = listener.startsWith('options ') ? await answer?.text() : await ended(before);
      const told = JSON.stringify([came, world.app.api.calls.slice(calls).map(({ args }) => args)]);
      expect({ role, told }).toEqual({ role, told: expect.not.stringContaining(NAME) });
      await setMember(ctx, world.facts.account ?? '', PERSON_OF[role], role);
    }
  });

  it('is named to an owner by its view', async () => {
    const calls = world.app.api.calls.length;
    const before = world.app.lines.length;
    await sendTo(world, 'action group.open', PERSON_OF.owner, 'private.owner');
    expect(await ended(before)).toBe('done');
    expect(JSON.stringify(world.app.api.calls.slice(calls))).toContain(NAME);
  });
});
