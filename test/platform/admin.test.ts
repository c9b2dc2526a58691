import { beforeAll, describe, expect, it } from '@jest/globals';
import { noteStanding } from '../../src/services/access/deactivation.ts';
import { Accounts, Members } from '../../src/store/accounts/accounts.ts';
import { Events } from '../../src/store/events/events.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T12:00:00Z'));
let account: Awaited<ReturnType<typeof anAccount>>;

beforeAll(async () => {
  account = await anAccount(ctx);
  await noteStanding(ctx, { teamId: account.teamId, userId: 'U_OWNER', isDeactivated: true });
});

async function admin(...args: string[]): Promise<[end: unknown, errors: string]> {
  const child = startChild('src/bin/admin.ts', args, { MONGODB_URI: testDatabaseUri() });
  return [await child.ended, child.errors()];
}

describe('npm run admin -- owner', () => {
  it('gives an account without an active owner one, recorded in its event log', async () => {
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

  it('refuses unknown accounts, IDs that aren’t a person’s, and people who are deactivated in Slack', async () => {
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
