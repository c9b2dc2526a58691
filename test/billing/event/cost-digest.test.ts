import { describe, expect, it } from '@jest/globals';
import { digestIn, latestDigest, spanBefore } from '../../../src/billing/event/cost-digest.ts';
import type { LogEntry } from '../../../src/billing/event/event.ts';
import { isNews, nextBundle } from '../../../src/billing/event/notice.ts';

const at = (text: string) => new Date(text);

describe('the latest cost digest', () => {
  it.each([
    // Monday, a minute before nine and at nine in New York
    ['weekly', '2026-11-16T13:59:00Z', 'America/New_York', '2026-11-02', '2026-11-08', '2026-11-09T14:00:00.000Z'],
    ['weekly', '2026-11-16T14:00:00Z', 'America/New_York', '2026-11-09', '2026-11-15', '2026-11-16T14:00:00.000Z'],
    // a Sunday, and over the end of summer time
    ['weekly', '2026-11-15T23:00:00Z', 'UTC', '2026-11-02', '2026-11-08', '2026-11-09T09:00:00.000Z'],
    ['weekly', '2026-10-26T08:30:00Z', 'Europe/Berlin', '2026-10-19', '2026-10-25', '2026-10-26T08:00:00.000Z'],
    ['weekly', '2027-01-04T12:00:00Z', 'UTC', '2026-12-28', '2027-01-03', '2027-01-04T09:00:00.000Z'],
    ['monthly', '2026-03-01T08:59:00Z', 'UTC', '2026-01-01', '2026-01-31', '2026-02-01T09:00:00.000Z'],
    ['monthly', '2026-03-01T09:00:00Z', 'UTC', '2026-02-01', '2026-02-28', '2026-03-01T09:00:00.000Z'],
    ['monthly', '2026-10-31T20:00:00Z', 'Pacific/Kiritimati', '2026-10-01', '2026-10-31', '2026-10-31T19:00:00.000Z'],
  ] as const)('%s at %s in %s is of %s to %s', (rhythm, now, zone, from, until, dueAt) => {
    const span = latestDigest(rhythm, at(now), zone);
    expect({ ...span, dueAt: span.dueAt.toISOString() }).toEqual({ rhythm, from, until, dueAt });
  });

  it('is compared with the span before it', () => {
    expect(spanBefore({ rhythm: 'weekly', from: '2027-01-04' })).toEqual({ from: '2026-12-28', until: '2027-01-03' });
    expect(spanBefore({ rhythm: 'monthly', from: '2026-03-01' })).toEqual({ from: '2026-02-01', until: '2026-02-28' });
  });
});

describe('the log entry of a cost digest', () => {
  const after = { rhythm: 'weekly', from: '2026-11-09', until: '2026-11-15', dueAt: '2026-11-16T09:00:00.000Z' };
  const entry = { type: 'cost_digest_due', after } as unknown as LogEntry;
  const all = { groupIds: [], projectIds: [], kinds: [] };
  const since = (text: string, rhythm: 'weekly' | 'monthly' = 'weekly') => ({
    ...all,
    onlyDigest: { rhythm, since: at(text) },
  });

  it('is news only for subscriptions to it that were there when it was due', () => {
    expect(isNews(entry, all)).toBe(false);
    expect(isNews(entry, since('2026-11-16T08:59:59Z'))).toBe(true);
    expect(isNews(entry, since('2026-11-16T09:00:01Z'))).toBe(false);
    expect(isNews(entry, since('2026-11-01T00:00:00Z', 'monthly'))).toBe(false);
    expect(isNews({ ...entry, type: 'invoice_paid' }, since('2026-11-01T00:00:00Z'))).toBe(false);
  });

  it('is a message of its own, however many were missed', () => {
    const many = Array.from({ length: 30 }, () => entry);
    expect(nextBundle(many, 'at_once')).toEqual({ form: 'single', entries: [entry] });
  });

  it('of a later version that this one can’t read is left out', () => {
    expect(digestIn({ type: 'cost_digest_due', after: { ...after, rhythm: 'daily' } })).toBeUndefined();
    expect(digestIn({ type: 'cost_digest_due', after: null })).toBeUndefined();
  });
});
