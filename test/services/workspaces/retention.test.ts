import { beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { SecretBox } from '../../../src/platform/secret-box.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { installationOf, saveInstallation } from '../../../src/services/workspaces/installations.ts';
import { actorNames, peopleToAsk } from '../../../src/services/workspaces/people.ts';
import { deleteEndedWorkspaces } from '../../../src/services/workspaces/retention.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { HomeVisits } from '../../../src/store/accounts/home-visits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Sources } from '../../../src/store/sources/sources.ts';
import { Installations, installationById, mayDeleteTeam } from '../../../src/store/workspaces/installations.ts';
import { People } from '../../../src/store/workspaces/people.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { aFolderSource, SourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';
import { StoredState } from '../../support/database/stored-state.ts';
import { gate } from '../../support/slack/slack-app.ts';

useDatabase(migrate, { monitorCommands: true });

const DAY_MS = 86_400_000;
const DAYS = 90;
const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const keeping = { box: new SecretBox([Buffer.alloc(32, 1)]), clock };
/** More than one transaction deletes. */
const PEOPLE = 600;
let empty: StoredState | undefined;

beforeEach(async () => {
  empty ??= await StoredState.now();
  await empty.revert();
  clock.set('2026-03-20T12:00:00Z');
});

const install = (teamId: string | null, enterpriseId: string | null = null) =>
  saveInstallation(keeping, {
    ...{ teamId, enterpriseId, name: 'Acme', botId: 'B1', botUserId: 'UBOT', scopes: [], installedBy: 'U0OWNER' },
    botToken: `xoxb-${teamId ?? enterpriseId}`,
  });
const end = (id: string, at = clock.now()) => Installations.updateOne({ _id: id }, { $set: { endedAt: at } });
const afterRetention = () => clock.set(new Date(clock.now().getTime() + (DAYS + 1) * DAY_MS).toISOString());

/** A workspace with two accounts, each with subscriptions and sources, and with many people. */
async function workspace(teamId: string, people = PEOPLE): Promise<string[]> {
  const folder = new SourceFolder();
  const accounts: string[] = [];
  for (const name of ['Acme', 'Bolt']) {
    const input = { name, timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: 'C0FINANCE' };
    const { _id: accountId } = await createAccount(ctx, { teamId, userId: 'U0OWNER' }, input);
    await subscribe(ctx, accountId, { channelId: 'C0OTHER', isPersonal: false });
    await aFolderSource(ctx, folder.tools, accountId);
    accounts.push(accountId);
  }
  folder.end();
  await People.insertMany(
    Array.from({ length: people }, (_, at) => ({
      ...{ _id: `${teamId}:U0${at}`, teamId, userId: `U0${at}`, name: `Person ${at}`, askAt: new Date(0) },
    })),
  );
  return accounts;
}

const left = async () => ({
  installations: await Installations.countDocuments({}),
  people: await People.countDocuments({}),
  homes: await HomeVisits.countDocuments({}),
  subscriptions: await Subscriptions.countDocuments({}),
  sources: await Sources.countDocuments({}),
  channels: await Accounts.countDocuments({ financeChannelId: { $ne: null } }),
});
const NOTHING = { installations: 0, people: 0, homes: 0, subscriptions: 0, sources: 0, channels: 0 };

/** Ends the process at a commit from now on, as far as the database can tell. @returns how many there were */
function killedAt(commit: number): () => number {
  let commits = 0;
  const watch = ({ commandName }: { readonly commandName: string }) => {
    if (commandName !== 'commitTransaction') return;
    commits += 1;
    if (commits === commit) throw new Error('killed');
  };
  const client = mongoose.connection.getClient();
  client.on('commandStarted', watch);
  return () => {
    client.off('commandStarted', watch);
    return commits;
  };
}

describe('deleting what is kept about a workspace', () => {
  it('ends the same wherever it is killed, in transactions that delete a bounded number of documents', async () => {
    await install('T1');
    const accounts = await workspace('T1');
    await end('T1');
    afterRetention();
    const start = await StoredState.now();
    let steps = Number.POSITIVE_INFINITY;
    for (let at = 1; at <= steps; at++) {
      const killed = killedAt(at);
      const run = await deleteEndedWorkspaces(ctx, DAYS).catch(() => undefined);
      const commits = killed();
      if (run !== undefined) steps = commits;
      clock.set(new Date(clock.now().getTime() + 60_000).toISOString());
      if (run === undefined) await deleteEndedWorkspaces(ctx, DAYS);
      expect(await left()).toEqual(NOTHING);
      for (const accountId of accounts) {
        const said = (
          await Events.find({ accountId, type: { $in: ['subscription_changed', 'source_removed'] } }).lean()
        )
          .map(({ description }) => description)
          .filter((text) => !text.startsWith('Subscribed') && !text.startsWith('Created'));
        expect(said.filter((text) => text.startsWith('Deleted'))).toHaveLength(1);
        expect(said.filter((text) => text.startsWith('Removed source'))).toHaveLength(1);
      }
      await start.revert();
    }
    // two accounts, two sources, twice people, and the installation
    expect(steps).toBeGreaterThanOrEqual(8);
  });

  it('stops when the app is installed again between two steps', async () => {
    await install('T1');
    await workspace('T1');
    await end('T1');
    afterRetention();
    const killed = killedAt(3);
    await deleteEndedWorkspaces(ctx, DAYS).catch(() => undefined);
    killed();
    await install('T1');
    clock.set(new Date(clock.now().getTime() + 60_000).toISOString());
    await deleteEndedWorkspaces(ctx, DAYS);
    expect(await left()).toMatchObject({ installations: 1, people: PEOPLE, subscriptions: 2, sources: 2 });
    expect(await Accounts.countDocuments({ forgottenAt: { $exists: true } })).toBe(0);
  });

  const ARRIVALS: [string, () => Promise<unknown>][] = [
    ['the organization', () => install(null, 'E1')],
    ['the workspace', () => install('T1', 'E1')],
    [
      'an organization that the workspace has joined, at its first request',
      async () => {
        await install(null, 'E2');
        await installationOf({ teamId: 'T1', enterpriseId: 'E2' });
      },
    ],
  ];

  it.each(ARRIVALS)('looks again when an installation of %s arrives during a step', async (_what, arrives) => {
    await install('T1', 'E1');
    await end('T1');
    afterRetention();
    const ended = await installationById('T1');
    if (!ended) throw new Error('There is no installation');
    const begun = gate();
    // outside the transaction
    const arrived = begun.promise.then(arrives);
    let tries = 0;
    const may = await inTransaction(ctx, async (tx) => {
      tries += 1;
      // from here on, the transaction sees the database as it was
      await Accounts.countDocuments({});
      begun.open();
      await arrived;
      return mayDeleteTeam(tx, ended, 'T1', clock.now());
    });
    expect(may).toBe(false);
    expect(tries).toBe(2);
  });
});

describe('people of a workspace that uninstalled the app', () => {
  const noted = () => People.countDocuments({});

  it('are not noted again by readers of the log, until the app is installed again', async () => {
    await install('T1');
    const [accountId = ''] = await workspace('T1', 0);
    await actorNames(ctx, accountId, ['U0OWNER']);
    expect(await noted()).toBe(1);
    await end('T1');
    afterRetention();
    await deleteEndedWorkspaces(ctx, DAYS);
    expect(await noted()).toBe(0);
    await actorNames(ctx, accountId, ['U0OWNER']);
    expect(await noted()).toBe(0);
    await install('T1');
    await actorNames(ctx, accountId, ['U0OWNER']);
    expect(await noted()).toBe(1);
  });

  it('are noted again when their organization installs the app', async () => {
    await install('T1', 'E1');
    const [accountId = ''] = await workspace('T1', 0);
    await end('T1');
    afterRetention();
    await deleteEndedWorkspaces(ctx, DAYS);
    await install(null, 'E1');
    await installationOf({ teamId: 'T1', enterpriseId: 'E1' });
    await actorNames(ctx, accountId, ['U0OWNER']);
    expect(await noted()).toBe(1);
  });

  it('don’t take the places of those that can be asked for, and are asked for after a new installation', async () => {
    await workspace('T0GONE', 2_000);
    await workspace('T1', 3);
    await People.updateMany({ teamId: 'T1' }, { $set: { askAt: new Date(1) } });
    const only = (teamId: string) => async (all: readonly { readonly teamId: string; readonly userId: string }[]) =>
      all.filter((one) => one.teamId === teamId);
    expect((await peopleToAsk(ctx, only('T1'))).map(({ userId }) => userId).sort()).toEqual(['U00', 'U01', 'U02']);
    clock.set(new Date(clock.now().getTime() + 3_600_000).toISOString());
    expect((await peopleToAsk(ctx, only('T0GONE'))).length).toBeGreaterThan(0);
  });
});
