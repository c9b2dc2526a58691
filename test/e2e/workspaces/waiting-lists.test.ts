import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { NOTHING_READ } from '../../../src/services/costs/import-tally.ts';
import { Members } from '../../../src/store/accounts/accounts.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { type ImportState, Imports } from '../../../src/store/costs/imports.ts';
import { SharedFiles } from '../../../src/store/costs/shared-files.ts';
import { LeadGroups } from '../../../src/store/groups/project-leads.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { CostReviews } from '../../../src/store/notices/cost-reviews.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { StoredState } from '../../support/database/stored-state.ts';
import { type SharedProcess, startSharedProcess } from '../../support/slack/look-alikes.ts';
import { install } from '../../support/slack/oauth.ts';
import { type SlackApiStandIn, startSlackApi } from '../../support/slack/slack-api.ts';

useDatabase(migrate, { monitorCommands: true });

const INSTALLED = 'T0HERE';
/** It has uninstalled the app. */
const GONE = 'T0GONE';
/** More than a job looks at together. */
const MANY = 1_001;
const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let api: SlackApiStandIn;
let product: SharedProcess;
let begun: StoredState;
/** How many calls Slack got before the test. */
let mark = 0;
const accounts: Record<string, string> = {};

beforeAll(async () => {
  api = await startSlackApi();
  api.answer('chat.postMessage', { body: { ok: true, ts: '1800000000.000100' } });
  api.answer('conversations.open', { body: { ok: true, channel: { id: 'D1' } } });
  api.answer('conversations.history', { body: { ok: true, messages: [] } });
  api.answer('usergroups.users.list', { body: { ok: true, users: [] } });
  product = await startSharedProcess(clock, api.url);
  await install(product.base, api, { team: INSTALLED, token: 'xoxb-here' });
  for (const teamId of [INSTALLED, GONE]) {
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
    accounts[teamId] = (await createAccount(ctx, { teamId, userId: 'U0OWNER' }, input))._id;
  }
  begun = await StoredState.now();
});
afterAll(async () => {
  await product.stop();
  await api.close();
});
beforeEach(async () => {
  await begun.revert();
  mark = api.calls.length;
});

/** Something that a job has to do with Slack, as it is stored. */
interface List {
  readonly job: Parameters<SharedProcess['ticks']['run']>[0];
  /** The kind under which the failures of its items are stored. */
  readonly kind: string;
  /** @param key says which one it is, and is part of what Slack is asked */
  put(keys: readonly string[], teamId: string, at: Date): Promise<unknown>;
  /** The item that a failure names. */
  item(key: string, teamId: string): string;
}

const userGroups = {
  job: 'user-groups',
  kind: 'user-group',
  item: (key: string, team: string) => `${team}:S${key}`,
} as const;
const imports = (state: ImportState) => ({
  job: 'imports' as const,
  item: (key: string) => `imp_${key}`,
  put: (keys: readonly string[], teamId: string, queuedAt: Date) =>
    Imports.insertMany(
      keys.map((key) => ({
        ...{ _id: `imp_${key}`, accountId: accounts[teamId] ?? '', fileName: `${key}.csv`, replace: false, state },
        ...{ actor: 'U0OWNER', counts: NOTHING_READ, rejections: [], changes: [], failure: null, queuedAt },
        ...{ finishedAt: null, told: false, attempt: 1 },
        slack: { fileId: `F${key}`, channelId: `C${key}`, threadTs: null },
      })),
    ),
});

const LISTS: Readonly<Record<string, List>> = {
  'user groups with a role': {
    ...userGroups,
    put: (keys, teamId, usersAt) =>
      Members.insertMany(
        keys.map((key) => ({
          ...{ _id: `mem_${key}`, accountId: accounts[teamId] ?? '', teamId, userId: `S${key}`, kind: 'usergroup' },
          ...{ role: 'viewer', users: [], usersAt, createdAt: usersAt },
        })) as never,
      ),
  },
  'user groups that lead projects': {
    ...userGroups,
    put: (keys, teamId, usersAt) =>
      LeadGroups.insertMany(
        keys.map((key) => ({ accountId: accounts[teamId] ?? '', teamId, userGroupId: `S${key}`, users: [], usersAt })),
      ),
  },
  'shared files': {
    ...{ job: 'imports', kind: 'shared-file' },
    item: (key, team) => `${team} C1 F${key} 1.1`,
    put: (keys, teamId, at) =>
      SharedFiles.insertMany(
        keys.map((key) => ({
          ...{ _id: `${teamId} C1 F${key} 1.1`, teamId, channelId: 'C1', userId: 'U0OWNER', fileId: `F${key}` },
          ...{ eventTs: '1.1', at },
        })),
      ),
  },
  'files to import': { ...imports('queued'), kind: 'import' },
  'imports to report': { ...imports('refused'), kind: 'import-report' },
  'cost reviews to ask for': {
    ...{ job: 'reviews', kind: 'cost-review-messages' },
    item: (key) => `rev_${key}`,
    put: (keys, teamId, startedAt) =>
      CostReviews.insertMany(
        keys.map((key) => ({
          ...{ _id: `rev_${key}`, accountId: accounts[teamId] ?? '', billingGroupId: 'bg_1', invoiceId: `inv_${key}` },
          ...{ period: toPeriod('2026-02'), startedAt, untold: true },
          people: [{ userId: `U${key}`, projectIds: [], needsReason: false, toldAt: null, seenAt: null, reason: null }],
        })) as never,
      ),
  },
};

/** Whether the last one was processed. */
const isDone: Readonly<Record<string, () => Promise<boolean>>> = {
  'user groups with a role': async () => asked('usergroups.users.list', 'SLAST'),
  'user groups that lead projects': async () => asked('usergroups.users.list', 'SLAST'),
  'shared files': async () => asked('files.info', 'FLAST'),
  'files to import': async () => asked('files.info', 'FLAST'),
  'imports to report': async () => asked('chat.postMessage', 'CLAST'),
  'cost reviews to ask for': async () => (await CostReviews.exists({ _id: 'rev_LAST', untold: true })) === null,
};

function asked(method: string, about: string): boolean {
  return api.calls.slice(mark).some((call) => call.method === method && Object.values(call.args).includes(about));
}

describe.each(Object.entries(LISTS))('%s', (name, list) => {
  const earlier = Array.from({ length: MANY }, (_, at) => `E${at}`);
  const before = new Date(clock.now().getTime() - 60_000);

  it('are reached however many of workspaces without the app wait before them', async () => {
    await list.put(earlier, GONE, before);
    await list.put(['LAST'], INSTALLED, clock.now());
    await product.ticks.run(list.job);
    expect(await isDone[name]?.()).toBe(true);
  });

  it('are reached however many that have failed wait before them', async () => {
    await list.put(earlier, INSTALLED, before);
    await list.put(['LAST'], INSTALLED, clock.now());
    const fault = { failures: 9, firstAt: before, lastAt: before, lastError: 'Error', told: true };
    const notBefore = new Date(clock.now().getTime() + 600_000);
    await ItemFailures.insertMany(
      earlier.map((key) => {
        const item = list.item(key, INSTALLED);
        return { _id: `${list.kind}:${item}`, kind: list.kind, item, accountId: null, notBefore, ...fault };
      }),
    );
    await product.ticks.run(list.job);
    expect(await isDone[name]?.()).toBe(true);
  });
});
