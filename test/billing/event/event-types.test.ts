import { describe, expect, it } from '@jest/globals';
import { hashOf, type LogEntry } from '../../../src/billing/event/event.ts';
import {
  EVENT_KINDS,
  EVENTS,
  type EventType,
  eventKindName,
  kindOf,
  namesPeople,
  ruleOf,
  USUAL_KINDS,
} from '../../../src/billing/event/event-types.ts';
import { isNews, nextBundle } from '../../../src/billing/event/notice.ts';

const TYPES = Object.keys(EVENTS) as EventType[];
const EVERYTHING = { groupIds: [], projectIds: [], kinds: [] };

function entry(type: EventType, logEntryId: number, more: Partial<LogEntry> = {}): LogEntry {
  const said = {
    ...{ accountId: 'acc', type, description: 'x', actor: 'U1', createTime: new Date(0), logEntryId, previousHash: '' },
    ...more,
  };
  return { ...said, hash: hashOf(said) };
}

describe.each(TYPES)('%s', (type) => {
  const rule = ruleOf(type);

  it('is in exactly one topic', () => {
    expect(EVENT_KINDS[rule.kind]).toContain(type);
    expect(Object.values(EVENT_KINDS).flat()).toHaveLength(TYPES.length);
  });

  it('makes news if it is announced, and only for its topic', () => {
    expect(isNews(entry(type, 1), EVERYTHING)).toBe(rule.isAnnounced);
    expect(isNews(entry(type, 1), { ...EVERYTHING, kinds: [kindOf(type)] })).toBe(rule.isAnnounced);
    const other = rule.kind === 'members' ? 'moves' : 'members';
    expect(isNews(entry(type, 1), { ...EVERYTHING, kinds: [other] })).toBe(false);
  });

  it('is combined from the listed number of events, across groups only if the list says so', () => {
    const row = (count: number, groupOf: (at: number) => string) =>
      Array.from({ length: count }, (_, at) => entry(type, at + 1, { billingGroupId: groupOf(at) }));
    const { foldedFrom, foldedBy } = rule;
    expect(foldedFrom).toBeGreaterThan(1);
    expect(
      nextBundle(
        row(foldedFrom, () => 'one'),
        'at_once',
      ).form,
    ).toBe('burst');
    expect(
      nextBundle(
        row(foldedFrom - 1, () => 'one'),
        'at_once',
      ).form,
    ).toBe('single');
    expect(nextBundle(row(foldedFrom, String), 'at_once').form).toBe(foldedBy === 'account' ? 'burst' : 'single');
  });

  it('follows the naming rules for stored names', () => {
    expect(type).toMatch(/^[a-z]+(_[a-z]+)+$/);
  });
});

describe('topics', () => {
  it('keep their names and their order in menus', () => {
    expect(Object.keys(EVENT_KINDS).map((kind) => eventKindName(kind as keyof typeof EVENT_KINDS))).toEqual([
      ...['account', 'members', 'groups', 'projects', 'moves', 'billing information', 'payments', 'credits'],
      ...['imports', 'prices', 'budgets and unusual costs', 'invoices'],
    ]);
  });

  it('for new channels default to finance', () => {
    expect([...USUAL_KINDS].sort()).toEqual([
      ...['billing_information', 'budgets', 'credits', 'invoices', 'moves', 'payments'],
    ]);
  });

  it('about members have people as subjects, and others never, including types of a later version', () => {
    expect(TYPES.filter(namesPeople)).toEqual(EVENT_KINDS.members);
    expect(namesPeople('from_a_later_version' as EventType)).toBe(false);
  });
});
