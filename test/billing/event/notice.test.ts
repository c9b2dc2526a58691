import { describe, expect, it } from '@jest/globals';
import type { EventType, LogEntry } from '../../../src/billing/event/event.ts';
import {
  isNews,
  kindOf,
  type NoticeFilter,
  nextBundle,
  subjectOf,
  toldFrom,
} from '../../../src/billing/event/notice.ts';

const ALL: NoticeFilter = { groupIds: [], projectIds: [], kinds: [] };

function entry(logEntryId: number, type: EventType, more: Partial<LogEntry> = {}): LogEntry {
  return {
    accountId: 'acc',
    type,
    description: `Event ${logEntryId}`,
    actor: 'U1',
    createTime: new Date('2026-03-28T22:30:00Z'),
    logEntryId,
    previousHash: '',
    hash: '',
    ...more,
  };
}

const moves = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => entry(from + at, 'project_moved', { billingGroupId: 'bg1' }));

describe('a subscription’s news', () => {
  it('includes all announced events, without intermediate steps', () => {
    expect(isNews(entry(1, 'invoice_issued'), ALL)).toBe(true);
    expect(isNews(entry(1, 'import_started'), ALL)).toBe(false);
  });

  it('is limited to its topics, groups and projects', () => {
    const moved = entry(1, 'project_moved', {
      billingGroupId: 'to',
      projectId: 'p1',
      before: { billingGroupId: 'from' },
    });
    expect(isNews(moved, { ...ALL, kinds: ['invoices'] })).toBe(false);
    expect(isNews(moved, { ...ALL, kinds: ['invoices', 'projects'] })).toBe(true);
    expect(isNews(moved, { ...ALL, groupIds: ['to'] })).toBe(true);
    expect(isNews(moved, { ...ALL, groupIds: ['from'] })).toBe(true);
    expect(isNews(moved, { ...ALL, groupIds: ['other'] })).toBe(false);
    expect(isNews(moved, { ...ALL, groupIds: ['other'], projectIds: ['p1'] })).toBe(true);
  });
});

describe('the next message', () => {
  it('covers one event when events differ', () => {
    const entries = [entry(1, 'credit_claimed'), entry(2, 'project_created')];
    expect(nextBundle(entries, 'at_once')).toEqual({ form: 'single', entries: [entries[0]] });
  });

  it('combines consecutive changes that one person made to one group', () => {
    const entries = [...moves(240), entry(241, 'project_moved', { billingGroupId: 'bg2' })];
    const bundle = nextBundle(entries, 'at_once');
    expect(bundle.form).toBe('burst');
    expect(bundle.entries).toHaveLength(240);
  });

  it('doesn’t combine changes across another person’s change', () => {
    const [first, second] = moves(2);
    const between = entry(9, 'project_moved', { billingGroupId: 'bg1', actor: 'U2' });
    const bundle = nextBundle(
      [first, between, second].filter((one) => one !== undefined),
      'at_once',
    );
    expect(bundle).toEqual({ form: 'single', entries: [first] });
  });

  it('gives a few invoices a message each, and combines many', () => {
    const invoices = (count: number) =>
      Array.from({ length: count }, (_, at) => entry(at + 1, 'invoice_issued', { billingGroupId: `bg${at}` }));
    expect(nextBundle(invoices(9), 'at_once').form).toBe('single');
    expect(nextBundle(invoices(300), 'at_once')).toMatchObject({ form: 'burst', entries: { length: 300 } });
  });

  it('combines everything into a digest, and for a channel that has missed a lot', () => {
    const types: EventType[] = ['credit_claimed', 'project_created'];
    const mixed = Array.from({ length: 700 }, (_, at) => entry(at + 1, types[at % 2] ?? 'credit_claimed'));
    expect(nextBundle(mixed.slice(0, 5), 'daily')).toMatchObject({ form: 'digest', entries: { length: 5 } });
    expect(nextBundle(mixed, 'at_once')).toMatchObject({ form: 'digest', entries: { length: 500 } });
    expect(nextBundle(mixed.slice(0, 1), 'hourly').form).toBe('single');
  });
});

describe('the time of a notification', () => {
  it.each([
    ['at_once', '2026-03-28T22:30:00.000Z'],
    ['hourly', '2026-03-28T23:00:00.000Z'],
    // the clocks change in the night between: nine in the morning is then seven in UTC
    ['daily', '2026-03-29T07:00:00.000Z'],
  ] as const)('%s', (rhythm, instant) => {
    expect(toldFrom(new Date('2026-03-28T22:30:00Z'), rhythm, 'Europe/Berlin').toISOString()).toBe(instant);
  });

  it('is the same day for a daily digest before nine, and the next day from nine on', () => {
    const at = (instant: string) => toldFrom(new Date(instant), 'daily', 'Europe/Berlin').toISOString();
    expect(at('2026-01-10T07:59:59.999Z')).toBe('2026-01-10T08:00:00.000Z');
    expect(at('2026-01-10T08:00:00Z')).toBe('2026-01-11T08:00:00.000Z');
  });
});

describe('message threads', () => {
  it('group the messages about one invoice or one request', () => {
    expect(subjectOf(entry(1, 'invoice_issued', { invoiceId: 'inv1' }))).toBe('inv1');
    expect(subjectOf(entry(1, 'move_requested', { after: { requestId: 'mov1' } }))).toBe('mov1');
    expect(subjectOf(entry(1, 'project_created'))).toBeUndefined();
  });
});

describe('news for a filter', () => {
  it.each<EventType>([
    ...(['import_queued', 'import_started', 'subscription_changed', 'move_reminded', 'credit_consumed'] as const),
    ...(['credit_returned', 'balance_kept', 'balance_taken_back', 'credit_memo_sent'] as const),
  ])('excludes intermediate steps: %s', (type) => {
    expect(isNews(entry(1, type), ALL)).toBe(false);
  });

  it('for a project includes only that project', () => {
    const filter = { ...ALL, projectIds: ['p1'] };
    expect(isNews(entry(1, 'project_moved', { projectId: 'p1' }), filter)).toBe(true);
    expect(isNews(entry(1, 'project_moved', { projectId: 'p2' }), filter)).toBe(false);
    expect(isNews(entry(1, 'account_updated'), filter)).toBe(false);
  });

  it('for a group includes what leaves it, and excludes events of the account and other groups', () => {
    const filter = { ...ALL, groupIds: ['bg1'] };
    expect(isNews(entry(1, 'account_updated'), filter)).toBe(false);
    for (const before of [null, 'bg1', { billingGroupId: 5 }, { name: 'bg1' }]) {
      expect(isNews(entry(1, 'project_moved', { billingGroupId: 'bg2', before }), filter)).toBe(false);
    }
    expect(isNews(entry(1, 'project_moved', { before: { billingGroupId: 'bg1' } }), filter)).toBe(true);
  });

  it('is sorted by topic, and an unknown event type is an error', () => {
    expect(kindOf('invoice_issued')).toBe('invoices');
    expect(() => kindOf('nothing_happened' as EventType)).toThrow(RangeError);
  });
});

describe('a burst', () => {
  const bundle = (...entries: LogEntry[]) => nextBundle(entries, 'at_once');
  const many = (count: number, type: EventType) =>
    Array.from({ length: count }, (_, at) => entry(at + 1, type, { billingGroupId: `bg${at}` }));

  it('starts with the second similar event, the tenth invoice, or the fifth held invoice', () => {
    expect(bundle(...moves(1)).form).toBe('single');
    expect(bundle(...moves(2))).toMatchObject({ form: 'burst', entries: { length: 2 } });
    expect(bundle(...many(9, 'invoice_issued'))).toMatchObject({ form: 'single', entries: { length: 1 } });
    expect(bundle(...many(10, 'invoice_issued'))).toMatchObject({ form: 'burst', entries: { length: 10 } });
    expect(bundle(...many(4, 'invoice_held_back')).form).toBe('single');
    expect(bundle(...many(5, 'invoice_held_back')).form).toBe('burst');
    expect(bundle(...many(2, 'invoice_paid')).form).toBe('burst');
  });

  it('has one type, one person and one group, except that invoices can span groups', () => {
    const [first] = moves(1);
    if (!first) throw new Error('no entry');
    expect(bundle(first, { ...first, type: 'project_added' }).form).toBe('single');
    expect(bundle(first, { ...first, actor: 'U2' }).form).toBe('single');
    expect(bundle(first, { ...first, billingGroupId: 'bg2' }).form).toBe('single');
    expect(bundle(first, { ...first, projectId: 'other' }).form).toBe('burst');
    expect(bundle(...many(2, 'credit_claimed')).form).toBe('single');
  });

  it('has at most as many entries as one message can summarize', () => {
    expect(bundle(...moves(500)).entries).toHaveLength(500);
    expect(bundle(...moves(501))).toMatchObject({ form: 'burst', entries: { length: 500 } });
  });

  it('becomes a digest only after twenty missed messages', () => {
    const mixed = (count: number) => many(count, 'credit_claimed');
    expect(bundle(...mixed(19)).form).toBe('single');
    expect(bundle(...mixed(20))).toMatchObject({ form: 'digest', entries: { length: 20 } });
  });

  it('can’t be empty', () => {
    expect(() => nextBundle([], 'at_once')).toThrow(RangeError);
    expect(() => nextBundle([], 'daily')).toThrow('No entries to bundle');
  });
});

describe('a message’s thread', () => {
  it('is the invoice’s, whatever else the event names', () => {
    const after = { requestId: 'mov1' };
    expect(subjectOf(entry(1, 'move_requested', { invoiceId: 'inv1', after }))).toBe('inv1');
  });

  it('is the request’s only for moves, and only if the event names the request', () => {
    expect(subjectOf(entry(1, 'move_approved', { after: { requestId: 'mov1', name: 'x' } }))).toBe('mov1');
    expect(subjectOf(entry(1, 'project_moved', { after: { requestId: 'mov1' } }))).toBeUndefined();
    for (const after of [null, 'mov1', 5, {}, { requestId: 5 }, { requestId: null }]) {
      expect(subjectOf(entry(1, 'move_requested', { after }))).toBeUndefined();
    }
    expect(subjectOf(entry(1, 'move_requested'))).toBeUndefined();
  });
});

describe('a digest’s time', () => {
  it('is the next full hour, even when an hour has just started', () => {
    const at = (instant: string) => toldFrom(new Date(instant), 'hourly', 'Asia/Kolkata').toISOString();
    expect(at('2026-01-10T07:30:00Z')).toBe('2026-01-10T08:30:00.000Z');
    expect(at('2026-01-10T08:29:59.999Z')).toBe('2026-01-10T08:30:00.000Z');
  });
});
