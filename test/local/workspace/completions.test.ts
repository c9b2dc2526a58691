import { describe, expect, it } from '@jest/globals';
import { completionsOf, usageOf } from '../../../src/local/page/composer/completions.ts';
import { type World, worldOf } from '../../../src/local/page/world.ts';
import { IDLE_BENCH } from './support.ts';

const world: World = worldOf(
  {
    team: { id: 'T', name: 'Acme', domain: 'acme' },
    teams: [],
    me: { id: 'U1', name: 'olga', real_name: 'Olga Owner' },
    bot: { id: 'B', name: 'billing', real_name: 'billing' },
    people: [
      { id: 'U1', name: 'olga', real_name: 'Olga Owner' },
      { id: 'U2', name: 'finn', real_name: 'Finn Finance' },
    ],
    user_groups: [{ id: 'S1', handle: 'finance-team', name: 'Finance team', users: [], updated: 0 }],
    channels: [
      {
        id: 'C1',
        name: 'finance',
        is_private: false,
        is_im: false,
        is_archived: false,
        members: ['U1'],
        created: 0,
      },
    ],
    messages: [],
    views: [],
    home: null,
    commands: [{ command: '/billing', description: 'Billing', usage_hint: 'groups | group NAME | help' }],
    shortcuts: [
      { name: 'New group', type: 'global', callback_id: 'new', description: 'Makes one' },
      { name: 'Move', type: 'message', callback_id: 'move', description: 'Moves' },
    ],
    bench: IDLE_BENCH,
  },
  undefined,
);

const labels = (text: string) => completionsOf(world, text).list.map((one) => one.label);
const texts = (text: string) => completionsOf(world, text).list.map((one) => one.text);

describe('completions of a line', () => {
  it('can be a command or a global shortcut, accepted by Enter', () => {
    expect(labels('/')).toEqual(['/billing', '⚡ New group']);
    expect(texts('/bi')).toEqual(['/billing ']);
    expect(labels('/new')).toEqual(['⚡ New group']);
    expect(completionsOf(world, '/bi').isTakenByEnter).toBe(true);
  });

  it('can be a command’s subcommand from its usage hint, while Enter sends what was typed', () => {
    expect(texts('/billing g')).toEqual(['/billing groups', '/billing group ']);
    expect(texts('/billing groups')).toEqual([]);
    expect(texts('/billing group X')).toEqual([]);
    expect(completionsOf(world, '/billing g').isTakenByEnter).toBe(false);
    expect(usageOf(world, '/billing group X')).toBe('/billing groups | group NAME | help');
    expect(usageOf(world, '/billing')).toBeUndefined();
  });

  it('can be a person, a user group or a channel, anywhere in the line', () => {
    expect(labels('@fin')).toEqual(['@finn', '@finance-team']);
    expect(texts('ask @owner')).toEqual(['ask @olga ']);
    expect(texts('/billing notify #fi')).toEqual(['/billing notify #finance ']);
    expect(labels('mail me at a@fin')).toEqual([]);
  });

  it('are empty most of the time', () => {
    expect(labels('hello')).toEqual([]);
    expect(labels('')).toEqual([]);
  });
});
