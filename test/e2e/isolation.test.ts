import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inviteMember } from '../../src/services/access/members.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { noteVisit } from '../../src/services/accounts/home-visits.ts';
import { queueImport } from '../../src/services/costs/import-queue.ts';
import { type AccountDoc, Accounts, Members } from '../../src/store/accounts/accounts.ts';
import { ItemFailures } from '../../src/store/background/item-failures.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { Imports } from '../../src/store/costs/imports.ts';
import { countingRecords } from '../../src/store/costs/loads.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
const START = '2026-10-20T12:00:00Z';
const GONE = 'C0GONE';

useDatabase(migrate);

const clock = new TestClock(START);
const ctx = contextAt(clock);
const { as } = driving(() => product);
let product: Product;
let failing: AccountDoc;
let healthy: AccountDoc;
let made = 0;

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());
beforeEach(async () => {
  await Promise.all([ItemFailures, Members, Accounts].map((model) => model.collection.deleteMany({})));
  failing = await account('U0ADMIN');
  healthy = await account('U0OWNER');
});

async function account(owner: string): Promise<AccountDoc> {
  made += 1;
  const input = { name: `Acme ${made}`, timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
  return createAccount(ctx, { teamId: TEAM_ID, userId: owner }, input);
}

/** Shares a file in the finance channel and queues it, with its report going to the given channel. */
async function queued(
  of: AccountDoc,
  owner: string,
  name: string,
  bytes: string,
  channelId = FINANCE,
): Promise<string> {
  const [file] = await as(owner).uploadTogether(FINANCE, [{ name, bytes }]);
  const slack = { fileId: file?.id ?? '', channelId, threadTs: null };
  const actor = contextAt(clock, person(owner, TEAM_ID));
  return (await queueImport(actor, { accountId: of._id, fileName: name, replace: false, slack })).id;
}

const csv = (cost: string) =>
  `${HEAD}\nb1,EUR,2026-10-01,${cost},Usage,2026-10-10 00:00:00,2026-10-10 01:00:00,Compute,p${made}\n`;

async function costs(of: AccountDoc): Promise<string> {
  const records = await Costs.find({ accountId: of._id, ...(await countingRecords(of._id)) }).lean();
  return records.reduce((sum, { amount }) => fromDecimal128(amount).plus(sum).toFixed(), '0');
}

const reportsOf = (name: string) =>
  as('U0OWNER')
    .messages(FINANCE)
    .map(said)
    .filter((text) => text.includes(name) && !text.includes('file_share'))
    .filter((text) => text.includes('mported'));

/** One tick like the scheduler's, which only logs errors. */
const tick = (job: Parameters<Product['ticks']['run']>[0]) => product.ticks.run(job).catch(() => undefined);

describe('a failure in one account doesn’t affect another', () => {
  it('the report of an import to a deleted channel goes to the person, and the other is posted in the same tick', async () => {
    await queued(failing, 'U0ADMIN', 'a-gone.csv', csv('7'), GONE);
    await queued(healthy, 'U0OWNER', 'b-good.csv', csv('100'));
    await tick('imports');
    expect([await costs(failing), await costs(healthy)]).toEqual(['7', '100']);
    expect(reportsOf('b-good.csv')).toHaveLength(1);
    expect(as('U0ADMIN').messages(as('U0ADMIN').directMessage()).map(said).join()).toContain('Imported a-gone.csv');
    await tick('imports');
    expect(reportsOf('b-good.csv')).toHaveLength(1);
  });

  it('a report that Slack never accepts delays no other, and is retried', async () => {
    const id = await queued(failing, 'U0ADMIN', 'a-never.csv', csv('7'), GONE);
    await queued(healthy, 'U0OWNER', 'b-still.csv', csv('100'));
    product.workspace.faults.next({ method: 'conversations.open', kind: 'error', error: 'internal_error', times: 1 });
    await tick('imports');
    expect(reportsOf('b-still.csv')).toHaveLength(1);
    expect((await ItemFailures.find({}).lean()).map(({ kind, item }) => [kind, item])).toEqual([['import-report', id]]);
    clock.set('2026-10-20T13:00:00Z');
    await tick('imports');
    expect(as('U0ADMIN').messages(as('U0ADMIN').directMessage()).map(said).join()).toContain('Imported a-never.csv');
    expect(reportsOf('b-still.csv')).toHaveLength(1);
    clock.set(START);
  });

  it('a rejected or missing CSV file', async () => {
    await queued(failing, 'U0ADMIN', 'a-bad.csv', 'Name,Cost\nx,7\n');
    const lost = await queued(failing, 'U0ADMIN', 'a-lost.csv', csv('7'));
    await Imports.updateOne({ _id: lost }, { $set: { 'slack.fileId': 'F0NONE' } });
    await queued(healthy, 'U0OWNER', 'b-fine.csv', csv('100'));
    await tick('imports');
    expect([await costs(failing), await costs(healthy)]).toEqual(['0', '100']);
    expect(reportsOf('b-fine.csv').join()).toContain('1 row read');
    expect(reportsOf('a-bad.csv').join()).toContain('was not imported');
    expect(reportsOf('a-lost.csv').join()).toContain('was not imported');
  });

  it('a Home that can’t be published', async () => {
    for (const [of, userId] of [
      [failing, 'U0ADMIN'],
      [healthy, 'U0OWNER'],
    ] as const) {
      await noteVisit(contextAt(clock, person(userId, TEAM_ID)), {
        teamId: TEAM_ID,
        userId,
        accountId: of._id,
        page: 1,
      });
    }
    await Accounts.updateOne({ _id: failing._id }, { $set: { timeZone: 'Nowhere/Land' } });
    await tick('home');
    expect(JSON.stringify(as('U0OWNER').home())).toContain(healthy.name);
    expect(JSON.stringify(as('U0ADMIN').home() ?? null)).not.toContain(failing.name);
  });

  it('a user group whose users Slack doesn’t return', async () => {
    const group = (id: string, of: AccountDoc) =>
      inviteMember(ctx, { accountId: of._id, who: { kind: 'usergroup', id }, role: 'viewer', users: [] });
    await group('S0TEAM', failing);
    clock.set('2026-10-20T12:00:01Z');
    await group('S0CHIEFS', healthy);
    product.workspace.faults.next({ method: 'usergroups.users.list', kind: 'error', error: 'internal_error' });
    await tick('user-groups');
    const usersOf = async (of: AccountDoc) =>
      (await Members.findOne({ accountId: of._id, kind: 'usergroup' }).orFail().lean()).users;
    expect([await usersOf(failing), await usersOf(healthy)]).toEqual([[], ['U0STRANGER']]);
  });
});
