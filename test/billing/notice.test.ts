import { describe, expect, it } from '@jest/globals';
import type { EventType, LogEntry } from '../../src/billing/event.ts';
import { isNews, type NoticeFilter, nextBundle, subjectOf, toldFrom } from '../../src/billing/notice.ts';

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

describe('what a subscription is told', () => {
  it('is all that makes news, but no steps on the way', () => {
    expect(isNews(entry(1, 'invoice_issued'), ALL)).toBe(true);
    expect(isNews(entry(1, 'import_started'), ALL)).toBe(false);
  });

  it('is of its kinds, its groups and its projects', () => {
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
  it('is of one thing, where things differ', () => {
    const entries = [entry(1, 'credit_claimed'), entry(2, 'project_created')];
    expect(nextBundle(entries, 'at_once')).toEqual({ form: 'single', entries: [entries[0]] });
  });

  it('folds what one person did to one group, one straight after the other', () => {
    const entries = [...moves(240), entry(241, 'project_moved', { billingGroupId: 'bg2' })];
    const bundle = nextBundle(entries, 'at_once');
    expect(bundle.form).toBe('burst');
    expect(bundle.entries).toHaveLength(240);
  });

  it('does not fold over what another person did between', () => {
    const [first, second] = moves(2);
    const between = entry(9, 'project_moved', { billingGroupId: 'bg1', actor: 'U2' });
    const bundle = nextBundle(
      [first, between, second].filter((one) => one !== undefined),
      'at_once',
    );
    expect(bundle).toEqual({ form: 'single', entries: [first] });
  });

  it('leaves a few invoices each their message, and folds a flood of them', () => {
    const invoices = (count: number) =>
      Array.from({ length: count }, (_, at) => entry(at + 1, 'invoice_issued', { billingGroupId: `bg${at}` }));
    expect(nextBundle(invoices(9), 'at_once').form).toBe('single');
    expect(nextBundle(invoices(300), 'at_once')).toMatchObject({ form: 'burst', entries: { length: 300 } });
  });

  it('takes all that has gathered for a digest, and for a channel that has missed much', () => {
    const types: EventType[] = ['credit_claimed', 'project_created'];
    const mixed = Array.from({ length: 700 }, (_, at) => entry(at + 1, types[at % 2] ?? 'credit_claimed'));
    expect(nextBundle(mixed.slice(0, 5), 'daily')).toMatchObject({ form: 'digest', entries: { length: 5 } });
    expect(nextBundle(mixed, 'at_once')).toMatchObject({ form: 'digest', entries: { length: 500 } });
    expect(nextBundle(mixed.slice(0, 1), 'hourly').form).toBe('single');
  });
});

describe('when it is told', () => {
  it.each([
    ['at_once', '2026-03-28T22:30:00.000Z'],
    ['hourly', '2026-03-28T23:00:00.000Z'],
    // the clocks change in the night between: nine in the morning is at seven UTC then
    ['daily', '2026-03-29T07:00:00.000Z'],
  ] as const)('%s', (rhythm, instant) => {
    expect(toldFrom(new Date('2026-03-28T22:30:00Z'), rhythm, 'Europe/Berlin').toISOString()).toBe(instant);
  });

  it('daily on the same day before nine, on the next from nine on', () => {
    const at = (instant: string) => toldFrom(new Date(instant), 'daily', 'Europe/Berlin').toISOString();
    expect(at('2026-01-10T07:59:59.999Z')).toBe('2026-01-10T08:00:00.000Z');
    expect(at('2026-01-10T08:00:00Z')).toBe('2026-01-11T08:00:00.000Z');
  });
});

describe('threads', () => {
  it('hold what is about one invoice, or one request', () => {
    expect(subjectOf(entry(1, 'invoice_issued', { invoiceId: 'inv1' }))).toBe('inv1');
    expect(subjectOf(entry(1, 'move_requested', { after: { requestId: 'mov1' } }))).toBe('mov1');
    expect(subjectOf(entry(1, 'project_created'))).toBeUndefined();
  });
});
