import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { EVENT_KINDS, type EventKind, hashOf, type LogEntry } from '../../../src/billing/event/event.ts';
import { eventsCsv } from '../../../src/documents/csv/events-csv.ts';
import { setMember } from '../../../src/services/access/members.ts';
import { entering } from '../../../src/services/access/rights.ts';
import { type EventFilter, type EventPage, eachEvent, listEvents } from '../../../src/services/events/event-lists.ts';
import { entriesAfter, numberEvents, verifyLog } from '../../../src/services/events/event-log.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-01T12:00:00Z');
const ctx = contextAt(clock);

/** An account in New York with a group, a project and a few days of events. */
async function busyAccount() {
  clock.set('2026-03-01T12:00:00Z');
  const account = await anAccount(ctx, { timeZone: 'America/New_York' });
  const accountId = account._id;
  const group = await createGroup(ctx, { accountId, name: 'Team Blue' });
  await numberEvents(ctx);
  clock.set('2026-03-02T04:59:00Z');
  const { project } = await createProject(ctx, { accountId, name: 'web', billingGroupId: group._id });
  await numberEvents(ctx);
  clock.set('2026-03-02T05:00:00Z');
  await setMember(contextAt(clock, person('U_OWNER')), accountId, 'U1', 'viewer');
  await numberEvents(ctx);
  return { accountId, groupId: group._id, projectId: project._id };
}

async function numbers(accountId: string, filter: EventFilter): Promise<number[]> {
  const page = await listEvents(ctx, accountId, { ...filter, size: 100 });
  return page.items.map((entry) => entry.logEntryId);
}

describe('the event log', () => {
  it('is listed newest first, filtered by group, topic, person, project and days of the account', async () => {
    const { accountId, groupId, projectId } = await busyAccount();
    const all = await listEvents(ctx, accountId, { size: 100 });
    const types = all.items.map(({ type }) => type);
    expect(types).toEqual([
      'member_added',
      'project_added',
      'project_created',
      'billing_group_created',
      'member_added',
      'account_created',
    ]);
    expect(all).not.toHaveProperty('older');
    expect(all).not.toHaveProperty('newer');
    expect(await numbers(accountId, { billingGroupId: groupId })).toEqual([5, 3]);
    expect(await numbers(accountId, { kind: 'projects' })).toEqual([5, 4]);
    expect(await numbers(accountId, { kind: 'members' })).toEqual([6, 2]);
    expect(await numbers(accountId, { actor: 'U_OWNER' })).toEqual([6]);
    expect(await numbers(accountId, { projectId })).toEqual([5, 4]);
    // a minute before midnight in New York is still the day before there, but already the 2nd in UTC
    expect(await numbers(accountId, { from: '2026-03-02' })).toEqual([6]);
    expect(await numbers(accountId, { to: '2026-03-01' })).toEqual([5, 4, 3, 2, 1]);
    expect(await numbers(accountId, { from: '2026-03-01', to: '2026-03-01', kind: 'members' })).toEqual([2]);
    expect(await numbers(accountId, { from: '2026-03-03' })).toEqual([]);
  });

  it('of one account or group shows nothing of another', async () => {
    const one = await busyAccount();
    const other = await busyAccount();
    expect(await numbers(one.accountId, { billingGroupId: other.groupId })).toEqual([]);
    expect(await numbers(one.accountId, { projectId: other.projectId })).toEqual([]);
    for (const userId of ['U_STRANGER', 'automation']) {
      const stranger = contextAt(clock, person(userId));
      const list = listEvents(stranger, one.accountId, { size: 5 });
      await expect(list).rejects.toMatchObject({ code: 'account_not_found' });
      await expect(eachEvent(stranger, one.accountId, {}).next()).rejects.toMatchObject({ code: 'account_not_found' });
      await expect(verifyLog(stranger, one.accountId)).rejects.toMatchObject({ code: 'account_not_found' });
    }
  });

  it('can be paged in both directions while it grows', async () => {
    const { accountId } = await busyAccount();
    const first = await listEvents(ctx, accountId, { size: 2 });
    await createGroup(ctx, { accountId, name: 'Meanwhile' });
    await numberEvents(ctx);
    const second = await turn(accountId, first.older);
    const third = await turn(accountId, second.older);
    expect([first, second, third].map(numbersOf)).toEqual([
      [6, 5],
      [4, 3],
      [2, 1],
    ]);
    expect(third).not.toHaveProperty('older');
    const back = await turn(accountId, third.newer);
    const front = await turn(accountId, back.newer);
    const newest = await turn(accountId, front.newer);
    expect([back, front, newest].map(numbersOf)).toEqual([[4, 3], [6, 5], [7]]);
    expect(newest).not.toHaveProperty('newer');
    expect(newest.older).toEqual({ olderThan: 7 });
  });

  it('refuses invalid dates', async () => {
    const { accountId } = await busyAccount();
    for (const filter of [{ from: '2026-02-30' }, { to: 'yesterday' }]) {
      const list = listEvents(ctx, accountId, { ...filter, size: 5 });
      await expect(list).rejects.toMatchObject({ code: 'invalid_input' });
    }
  });

  it('finds entries that were numbered out of clock order', async () => {
    const { accountId } = await busyAccount();
    // a change that started before midnight and was stored after others
    clock.set('2026-03-02T04:59:30Z');
    await createGroup(ctx, { accountId, name: 'Late' });
    clock.set('2026-03-02T05:01:00Z');
    await numberEvents(ctx);
    expect(await numbers(accountId, { to: '2026-03-01' })).toEqual([7, 5, 4, 3, 2, 1]);
    expect(await numbers(accountId, { from: '2026-03-02' })).toEqual([6]);
  });
});

describe('the log as CSV', () => {
  it('has every column, and nothing that a spreadsheet would run', async () => {
    clock.set('2026-03-01T12:00:00Z');
    const { _id: accountId } = await anAccount(ctx);
    await inTransaction(ctx, (tx) =>
      tx.record({
        accountId,
        type: 'account_updated',
        description: '=HYPERLINK("http://evil","click")',
        before: { name: 'a "quoted", text' },
        after: { name: '=1+1' },
      }),
    );
    await numberEvents(ctx);
    let text = '';
    for await (const piece of eventsCsv(eachEvent(ctx, accountId, { kind: 'account' }))) text += piece;
    const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
    expect(rows[0]).toMatchObject({
      log_entry_id: '3',
      create_time: '2026-03-01T12:00:00.000Z',
      event_type: 'account_updated',
      event_desc: `'=HYPERLINK("http://evil","click")`,
      actor: 'operator',
      before: '{"name":"a \\"quoted\\", text"}',
      after: '{"name":"=1+1"}',
    });
    expect(rows[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[1]).toMatchObject({ log_entry_id: '1', event_type: 'account_created', before: '' });
    expect(rows).toHaveLength(2);
  });
});

describe('the chain of events', () => {
  async function chained() {
    const { accountId } = await busyAccount();
    expect(await verifyLog(ctx, accountId)).toMatchObject({ entries: 6, brokenAt: undefined });
    return accountId;
  }

  it('is intact up to the number and hash that are shown', async () => {
    const accountId = await chained();
    const [last] = await entriesAfter(accountId, 5, 1);
    expect(await verifyLog(ctx, accountId)).toEqual({ entries: 6, hash: last?.hash, brokenAt: undefined });
    const empty = (await anAccount(ctx))._id;
    expect(await verifyLog(ctx, empty)).toEqual({ entries: 0, hash: '0'.repeat(64), brokenAt: undefined });
  });

  it.each([
    ['a changed description', { $set: { description: 'Nothing happened' } }],
    ['a changed actor', { $set: { actor: 'U_OTHER' } }],
    ['a changed time', { $set: { createTime: new Date('2020-01-01T00:00:00Z') } }],
    ['a changed group', { $set: { billingGroupId: 'bg_other' } }],
    ['a changed former value', { $set: { before: { name: 'Other' } } }],
  ])('breaks at %s', async (_what, change) => {
    const accountId = await chained();
    await Events.updateOne({ accountId, logEntryId: 4 }, change);
    const [third] = await entriesAfter(accountId, 2, 1);
    expect(await verifyLog(ctx, accountId)).toEqual({ entries: 3, hash: third?.hash, brokenAt: 4 });
  });

  it('breaks after an entry that was changed together with its hash', async () => {
    const accountId = await chained();
    const [entry] = await entriesAfter(accountId, 3, 1);
    if (!entry) throw new Error('no entry');
    const forged: LogEntry = { ...entry, description: 'Nothing happened' };
    await Events.updateOne(
      { accountId, logEntryId: 4 },
      { $set: { description: forged.description, hash: hashOf(forged) } },
    );
    expect(await verifyLog(ctx, accountId)).toMatchObject({ entries: 4, brokenAt: 5 });
  });

  it('breaks when more entries were removed than are read at once', async () => {
    const accountId = await chained();
    await Events.updateOne({ accountId, logEntryId: 6 }, { $set: { logEntryId: 50_000 } });
    expect(await verifyLog(ctx, accountId)).toMatchObject({ entries: 5, brokenAt: 6 });
  });

  it.each([1, 3])('breaks when entry %d was removed', async (logEntryId) => {
    const accountId = await chained();
    await Events.deleteOne({ accountId, logEntryId });
    expect(await verifyLog(ctx, accountId)).toMatchObject({ entries: logEntryId - 1, brokenAt: logEntryId });
  });

  it('breaks when two entries were swapped', async () => {
    const accountId = await chained();
    for (const [from, to] of [
      [3, 999],
      [4, 3],
      [999, 4],
    ] as const) {
      await Events.updateOne({ accountId, logEntryId: from }, { $set: { logEntryId: to } });
    }
    expect(await verifyLog(ctx, accountId)).toMatchObject({ entries: 2, brokenAt: 3 });
  });
});

describe('a log of 100,000 entries', () => {
  const MANY = 100_000;
  const KINDS = Object.keys(EVENT_KINDS) as EventKind[];
  let accountId = '';
  let queries: QueryCounter;

  beforeAll(async () => {
    clock.set('2026-03-01T00:00:00Z');
    accountId = (await anAccount(ctx))._id;
    await numberEvents(ctx);
    const types = Object.values(EVENT_KINDS).flat();
    for (let from = 3; from <= MANY; from += 5_000) {
      const entries = Array.from({ length: Math.min(5_000, MANY - from + 1) }, (_, at) => {
        const logEntryId = from + at;
        return {
          accountId,
          logEntryId,
          type: types[logEntryId % types.length] ?? 'account_updated',
          description: `Entry ${logEntryId}`,
          actor: logEntryId % 1000 === 0 ? 'U_RARE' : `U${logEntryId % 7}`,
          // one each minute: about seventy days
          createTime: new Date(Date.UTC(2026, 2, 1) + logEntryId * 60_000),
          billingGroupId: `bg_${logEntryId % 3}`,
          projectId: logEntryId % 5000 === 0 ? 'prj_rare' : null,
          invoiceId: null,
          before: null,
          after: null,
          hash: 'h',
          previousHash: 'h',
        };
      });
      await Events.collection.insertMany(entries.map((entry) => ({ ...entry })));
    }
    queries = new QueryCounter();
  }, 120_000);

  const day = (at: number) => new Date(Date.UTC(2026, 2, 1 + at)).toISOString().slice(0, 10);
  it.each<[string, EventFilter]>([
    ['the whole log', {}],
    ['one group', { billingGroupId: 'bg_1' }],
    ['a rare person', { actor: 'U_RARE' }],
    ['a rare project', { projectId: 'prj_rare' }],
    ['an old day', { from: day(2), to: day(2) }],
    ['a rare person in a group, long ago', { actor: 'U_RARE', billingGroupId: 'bg_1', to: day(20) }],
    ...KINDS.map((kind): [string, EventFilter] => [`the kind ${kind}`, { kind }]),
    ['an old topic', { kind: 'invoices', from: day(1), to: day(3) }],
  ])('can be paged quickly: %s', async (_what, filter) => {
    const known = await entering(ctx, accountId);
    queries.take();
    const started = performance.now();
    const first = await listEvents(known, accountId, { ...filter, size: 25 });
    const deep = await listEvents(known, accountId, { ...filter, size: 25, cursor: { olderThan: 30_000 } });
    const ms = performance.now() - started;
    expect(queries.take().length).toBeLessThanOrEqual(6);
    expect(first.items.length + deep.items.length).toBeGreaterThan(0);
    // far less than reading the log from its end would take, even on a busy machine
    expect(ms).toBeLessThan(2_000);
  });

  it('is read to its end in batches, each entry once', async () => {
    queries.take();
    let next = MANY;
    for await (const { logEntryId } of eachEvent(ctx, accountId, {})) {
      if (logEntryId === next) next -= 1;
    }
    expect(next).toBe(0);
    expect(queries.take().length).toBeLessThan(110);
  }, 60_000);
});

async function turn(accountId: string, cursor: EventPage['older']): Promise<EventPage> {
  return listEvents(ctx, accountId, { size: 2, ...(cursor && { cursor }) });
}

function numbersOf(page: EventPage): number[] {
  return page.items.map((entry) => entry.logEntryId);
}
