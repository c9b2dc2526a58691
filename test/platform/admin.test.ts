import { beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { systemClock } from '../../src/platform/system-clock.ts';
import { noteStanding } from '../../src/services/access/deactivation.ts';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { eachOfAll } from '../../src/services/background/each-of-all.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { Accounts, Members } from '../../src/store/accounts/accounts.ts';
import { itemFailure, storeItemFailure } from '../../src/store/background/item-failures.ts';
import { Events } from '../../src/store/events/events.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { type Dumped, dump, restoreDump } from '../support/database/dump.ts';
import { withDatabase } from '../support/database/uri.ts';
import { costRow, issuedFor } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T12:00:00Z'));
let account: Awaited<ReturnType<typeof anAccount>>;

beforeAll(async () => {
  account = await anAccount(ctx);
  await noteStanding(ctx, { teamId: account.teamId, userId: 'U_OWNER', isDeactivated: true });
});

const serverOf = () => mongoose.connection.getClient();

async function admin(...args: string[]): Promise<[end: unknown, errors: string]> {
  const child = startChild('src/bin/admin.ts', args, { MONGODB_URI: testDatabaseUri() });
  return [await child.ended, child.errors()];
}

/** The exit code, and the lines on standard output. */
async function printed(...args: string[]): Promise<[end: unknown, lines: string[]]> {
  return printedOn(testDatabaseUri(), ...args);
}

async function printedOn(uri: string, ...args: string[]): Promise<[end: unknown, lines: string[]]> {
  const child = startChild('src/bin/admin.ts', args, { MONGODB_URI: uri });
  const lines: string[] = [];
  for await (const line of { [Symbol.asyncIterator]: () => child.lines }) lines.push(line);
  return [await child.ended, lines];
}

describe('npm run admin -- owner', () => {
  it('gives an owner to an account without an active one, recorded in its event log', async () => {
    expect((await Accounts.findById(account._id).orFail().lean()).ownerless).toBeDefined();
    expect(await admin('owner', account.name, 'U0RESCUE')).toEqual([0, '']);
    expect((await Accounts.findById(account._id).orFail().lean()).ownerless).toBeUndefined();
    expect(await Members.findOne({ accountId: account._id, userId: 'U0RESCUE' }).lean()).toMatchObject({
      role: 'owner',
      kind: 'user',
    });
    const event = await Events.findOne({ accountId: account._id, type: 'member_added' }).sort({ _id: -1 }).lean();
    expect(event).toMatchObject({ actor: 'operator', after: { userId: 'U0RESCUE', role: 'owner' } });
    expect(event?.logEntryId).toBeGreaterThan(0);
    // a second time changes nothing
    expect(await admin('owner', account.name, 'U0RESCUE')).toEqual([0, '']);
    expect(await Events.countDocuments({ accountId: account._id, 'after.userId': 'U0RESCUE' })).toBe(1);
  });

  it('rejects unknown accounts, IDs that aren’t a person’s, and people who are deactivated in Slack', async () => {
    const refused = await Promise.all([
      admin('owner', 'Nowhere', 'U0RESCUE'),
      admin('owner', account.name, '@anna'),
      admin('owner', account.name, 'U_OWNER'),
      admin('owner', account.name),
      admin('owners', account.name, 'U0X'),
    ]);
    expect(refused).toEqual([
      [1, expect.stringContaining('There is no account named')],
      [1, expect.stringContaining('member ID')],
      [1, expect.stringContaining('deactivated')],
      [64, expect.stringContaining('Usage')],
      [64, expect.stringContaining('Usage')],
    ]);
  });
});

it('accounts lists every account with its workspace, active owners, groups and projects', async () => {
  const other = await anAccount(ctx);
  await setMember(ctx, other._id, 'U_SECOND', 'owner');
  await createGroup(ctx, { accountId: other._id, name: 'Blue' });
  const [end, lines] = await printed('accounts');
  expect(end).toBe(0);
  expect(lines[0]?.split(/ {2,}/)).toEqual(['ID', 'NAME', 'WORKSPACE', 'GROUPS', 'PROJECTS', 'OWNERS']);
  const row = lines.find((line) => line.startsWith(other._id));
  expect(row?.split(/ {2,}/)).toEqual([other._id, other.name, 'T1', '1', '0', 'U_OWNER,U_SECOND']);
});

describe('a backup', () => {
  it('restored into an empty database has every document and index, and event logs that are intact', async () => {
    await issuedFor(ctx, [costRow('10.01'), costRow('2', { project: 'p2' })]);
    await numberEvents(ctx);
    const name = `restored_${process.pid}`;
    const [from, to] = [serverOf().db(mongoose.connection.name), serverOf().db(name)];
    try {
      const backup = await dump(from);
      expect(backup.find((one) => one.name === 'invoice_lines')?.documents).toHaveLength(2);
      await restoreDump(to, backup);
      expect(inOrder(await dump(to))).toEqual(inOrder(backup));
      const uri = withDatabase(testDatabaseUri(), name);
      const [end, lines] = await printedOn(uri, 'verify');
      expect([end, lines.length]).toEqual([0, await Accounts.countDocuments({})]);
      expect(lines.filter((line) => !line.includes('intact'))).toEqual([]);
      // a restored database is as guarded as the one that was backed up
      await to.collection('events').updateOne({ logEntryId: 1 }, { $set: { description: 'Nothing' } });
      expect((await printedOn(uri, 'verify'))[0]).toBe(1);
    } finally {
      await to.dropDatabase();
    }
  });

  function inOrder(dumped: readonly Dumped[]): readonly Dumped[] {
    return dumped.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
});

describe('npm run admin -- verify', () => {
  it('verifies one account by name or ID, or all, and exits with 1 if a log is broken', async () => {
    const [sound, broken] = [await anAccount(ctx), await anAccount(ctx)];
    await numberEvents(ctx);
    const intact = expect.stringMatching(
      new RegExp(`^${sound.name}: The event log is intact: 2 entries, last hash \\w{64}$`),
    );
    expect(await printed('verify', sound._id)).toEqual([0, [intact]]);
    await Events.collection.updateOne({ accountId: broken._id, logEntryId: 2 }, { $set: { description: 'Nothing' } });
    const found = `${broken.name}: The event log is broken at entry 2. Entries 1 to 1 are valid.`;
    expect(await printed('verify', broken.name)).toEqual([1, [found]]);
    const [end, lines] = await printed('verify');
    expect([end, lines]).toEqual([1, expect.arrayContaining([intact, found])]);
  });
});

describe('npm run admin -- failures and requeue', () => {
  const FAILING = { kind: 'estimate', failures: 5, lastError: 'Error: QQQ is unknown' } as const;

  it('lists failing items, and ends the pause of one, recorded in its account’s event log', async () => {
    const now = Date.now();
    const at = { lastAt: new Date(now - 60_000), notBefore: new Date(now + 3_000_000) };
    const failing = { ...FAILING, _id: 'estimate:inv_1', item: 'inv_1', accountId: account._id, ...at };
    await storeItemFailure(failing);
    const [end, lines] = await printed('failures');
    const cells = ['estimate', 'inv_1', account._id, '5', at.lastAt.toISOString(), at.notBefore.toISOString()];
    expect([end, lines.slice(1).map((line) => line.split(/ {2,}/))]).toEqual([0, [[...cells, FAILING.lastError]]]);
    expect(await printed('requeue', 'estimate', 'inv_1')).toEqual([0, [expect.stringContaining('next run')]]);
    const tried: string[] = [];
    const loop = { kind: 'estimate', name: (id: string) => ({ id, accountId: account._id }) };
    await eachOfAll(contextAt(systemClock), loop, ['inv_1'], async (id) => tried.push(id));
    expect(tried).toEqual(['inv_1']);
    const event = await Events.findOne({ accountId: account._id, type: 'background_task_requeued' }).orFail().lean();
    expect(event).toMatchObject({ actor: 'operator', after: { kind: 'estimate', item: 'inv_1' } });
    expect(event.logEntryId).toBeGreaterThan(0);
  });

  it('keeps counting failures, and logs a retry of an item without an account', async () => {
    const at = { lastAt: new Date(), notBefore: new Date(Date.now() + 3_000_000) };
    await storeItemFailure({ ...FAILING, _id: 'mail:smtp', kind: 'mail', item: 'smtp', accountId: null, ...at });
    const [end, lines] = await printed('requeue', 'mail', 'smtp');
    expect([end, lines]).toEqual([0, [expect.stringContaining('"item":"smtp"'), expect.any(String)]]);
    expect(await itemFailure('mail:smtp')).toMatchObject({ failures: 5, notBefore: at.lastAt });
  });

  it('reports an unknown item, and shows the usage for unknown words', async () => {
    expect(await admin('requeue', 'estimate', 'inv_none')).toEqual([1, expect.stringContaining('no failing item')]);
    const usage = [64, expect.stringContaining('Usage')];
    const unknown = [admin('requeue', 'estimate'), admin('failures', 'all'), admin('verify', 'a', 'b'), admin()];
    expect(await Promise.all(unknown)).toEqual([usage, usage, usage, usage]);
  });
});
