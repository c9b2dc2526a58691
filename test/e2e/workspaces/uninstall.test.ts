import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { noteVisit } from '../../../src/services/accounts/home-visits.ts';
import { verifyLog } from '../../../src/services/events/event-log.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { actorNames } from '../../../src/services/workspaces/people.ts';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { HomeVisits } from '../../../src/store/accounts/home-visits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { Sources } from '../../../src/store/sources/sources.ts';
import { Installations } from '../../../src/store/workspaces/installations.ts';
import { People } from '../../../src/store/workspaces/people.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { aFolderSource, SourceFolder } from '../../support/costs/source-world.ts';
import { useDatabase } from '../../support/database/database.ts';
import { StoredState } from '../../support/database/stored-state.ts';
import { setParties } from '../../support/invoices/closed.ts';
import { type SharedProcess, startSharedProcess } from '../../support/slack/look-alikes.ts';
import { install } from '../../support/slack/oauth.ts';
import { sendCommand, sendEvent } from '../../support/slack/signed.ts';
import { type SlackApiStandIn, startSlackApi } from '../../support/slack/slack-api.ts';

useDatabase(migrate, { monitorCommands: true });

const TEAM = 'T1';
const FINANCE = 'C0FINANCE';
const DAY_MS = 86_400_000;
const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
/** The tokens that Slack accepts. */
const accepted = new Set<string>();
/** Whether Slack only says of a token that it has expired. */
let saysExpired = false;
let api: SlackApiStandIn;
let product: SharedProcess;
let empty: StoredState;
let sent = 0;
let accountId = '';
let groupId = '';

beforeAll(async () => {
  empty = await StoredState.now();
  api = await startSlackApi();
  const guarded = (body: Readonly<Record<string, unknown>>) => (call: { readonly token: string | undefined }) => {
    if (accepted.has(call.token ?? '') && !saysExpired) return { body: { ok: true, ...body } };
    return { body: { ok: false, error: saysExpired ? 'token_expired' : 'account_inactive' } };
  };
  api.answer('auth.test', guarded({ bot_id: 'BBOT' }));
  api.answer('chat.postMessage', guarded({ ts: '1800000000.000100' }));
  api.answer('files.getUploadURLExternal', guarded({ upload_url: `${api.url}upload/${TEAM}`, file_id: 'F1' }));
  api.answer('files.completeUploadExternal', guarded({ files: [{ id: 'F1' }] }));
  api.answer('conversations.open', guarded({ channel: { id: 'D1' } }));
  api.answer('conversations.history', guarded({ messages: [] }));
  api.answer('users.info', guarded({ user: { id: 'U0OWNER', real_name: 'Ann Owner' } }));
  product = await startSharedProcess(clock, api.url);
});
afterAll(async () => {
  await product.stop();
  await api.close();
});
beforeEach(async () => {
  accepted.clear();
  saysExpired = false;
  clock.set('2026-03-20T12:00:00Z');
  await empty.revert();
});

async function installs(token: string): Promise<void> {
  accepted.add(token);
  await install(product.base, api, { team: TEAM, token });
}

/** Slack reports that the app was uninstalled, or that its tokens were revoked. @param at Unix seconds */
async function report(type: string, at = Math.floor(Date.now() / 1000)): Promise<void> {
  sent += 1;
  const event = type === 'tokens_revoked' ? { type, tokens: { bot: ['UBOT'] } } : { type };
  const { status } = await sendEvent(product.target, event, { team: TEAM, eventId: `EvEnd${sent}`, at });
  expect(status).toBe(200);
  await Promise.all(product.app.running);
}

const isInstalled = async () => (await product.app.workspaces.installedAmong(new Set([TEAM]))).has(TEAM);

/** Every order of some events, without repetitions. */
function ordersOf(events: readonly string[]): string[][] {
  if (events.length === 0) return [[]];
  return [...new Set(events)].flatMap((first) => {
    const at = events.indexOf(first);
    return ordersOf(events.toSpliced(at, 1)).map((rest) => [first, ...rest]);
  });
}

describe.each([
  ['says that the old token has ended', false],
  ['only says that tokens have expired', true],
])('after an uninstallation, when Slack %s', (_what, isVague) => {
  it.each(ordersOf(['app_uninstalled', 'app_uninstalled', 'tokens_revoked', 'tokens_revoked', 'reinstall']))(
    '%s, %s, %s, %s, %s: the new installation goes on',
    async (...events) => {
      await installs('xoxb-one');
      await Installations.updateOne({ _id: TEAM }, { $set: { installedAt: new Date(Date.now() - 60_000) } });
      accepted.clear();
      const uninstalledAt = Math.floor(Date.now() / 1000) - 5;
      let isAgain = false;
      for (const [at, event] of events.entries()) {
        saysExpired = isVague;
        if (event === 'reinstall') {
          saysExpired = false;
          await installs('xoxb-two');
          isAgain = true;
        } else await report(event, uninstalledAt);
        expect({ at, isInstalled: await isInstalled() }).toEqual({ at, isInstalled: isAgain });
      }
      saysExpired = false;
      const { client } = await product.app.workspaces.of(TEAM);
      expect(client.token).toBe('xoxb-two');
      expect(await Installations.countDocuments({})).toBe(1);
    },
  );
});

describe('an account whose workspace has uninstalled the app', () => {
  const posted = () =>
    api
      .callsOf('chat.postMessage')
      .filter(({ args }) => args.channel === FINANCE && String(args.text).includes('ACME-'));
  const uploads = () => api.callsOf('files.completeUploadExternal').length;

  beforeEach(async () => {
    await installs('xoxb-one');
    const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: FINANCE };
    accountId = (await createAccount(ctx, { teamId: TEAM, userId: 'U0OWNER' }, input))._id;
    groupId = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
    const charge = { kind: 'charge' as const, description: 'Setup', amount: '100.00', from: '2026-03' };
    await createAdjustment(ctx, { accountId, billingGroupId: groupId, ...charge });
    await setParties(accountId);
    await runJobs('number-events', 'news');
  });

  async function runJobs(...names: Parameters<SharedProcess['ticks']['run']>[0][]): Promise<void> {
    for (const name of names) await product.ticks.run(name);
    await product.ticks.idle();
  }

  async function closeMarch(): Promise<void> {
    clock.set('2026-04-02T12:00:00Z');
    await runJobs('estimates', 'close', 'number-events', 'mails', 'news');
  }

  const LATE: [string, string[], string[]][] = [
    ['both events before it', ['app_uninstalled', 'tokens_revoked'], []],
    ['one before and one after it', ['tokens_revoked'], ['app_uninstalled']],
    ['both after it', [], ['tokens_revoked', 'app_uninstalled', 'tokens_revoked']],
  ];

  it.each(LATE)(
    'closes months, and gets each notification once when it installs the app again: %s',
    async (_what, before, after) => {
      const [messages, files, mails] = [posted().length, uploads(), product.mails.length];
      accepted.clear();
      for (const event of before) await report(event);
      await closeMarch();
      const invoice = await Invoices.findOne({ accountId, period: toPeriod('2026-03') })
        .orFail()
        .lean();
      expect(invoice.number).toMatch(/^ACME-/);
      expect(product.mails.length).toBe(mails + 1);
      // without the event, Slack is still asked, in vain
      if (before.length > 0) expect(posted().length).toBe(messages);
      const inVain = posted().length;
      await installs('xoxb-two');
      for (const event of after) await report(event, Math.floor(Date.now() / 1000) - 5);
      for (const at of ['2026-04-02T13:30:00Z', '2026-04-02T15:30:00Z', '2026-04-02T17:30:00Z']) {
        clock.set(at);
        await runJobs('news');
      }
      const since = posted().slice(inVain);
      expect(since.map(({ token }) => token)).toEqual(since.map(() => 'xoxb-two'));
      expect(since.filter(({ args }) => String(args.text).includes(invoice.number ?? ''))).toHaveLength(1);
      expect(uploads()).toBe(files + 1);
      expect((await Subscriptions.find({ accountId }).lean()).map(({ state }) => state)).toEqual(['active']);
    },
  );

  describe('and then nothing for the retention period', () => {
    beforeEach(async () => {
      await noteVisit(contextAt(clock, person('U0OWNER', TEAM)), {
        teamId: TEAM,
        userId: 'U0OWNER',
        accountId,
        page: 1,
      });
      await actorNames(ctx, accountId, ['U0OWNER']);
      await runJobs('people');
      await subscribe(ctx, accountId, { channelId: 'C0OTHER', isPersonal: false });
      const folder = new SourceFolder();
      await aFolderSource(ctx, folder.tools, accountId);
      folder.end();
      accepted.clear();
      await report('app_uninstalled');
      await closeMarch();
    });

    const kept = async () => ({
      installations: await Installations.countDocuments({}),
      people: (await People.find({}).lean()).map(({ name }) => name),
      homes: await HomeVisits.countDocuments({}),
      subscriptions: await Subscriptions.countDocuments({}),
      sources: await Sources.countDocuments({}),
    });
    const ALL = { installations: 1, people: ['Ann Owner'], homes: 1, subscriptions: 2, sources: 1 };
    const afterDays = (days: number) => clock.set(new Date(Date.now() + days * DAY_MS).toISOString());

    it('keeps everything until the last day, for an installation on that day', async () => {
      afterDays(89);
      await runJobs('retention');
      expect(await kept()).toEqual(ALL);
      await installs('xoxb-two');
      afterDays(91);
      await runJobs('retention');
      expect(await kept()).toEqual(ALL);
      expect((await product.app.workspaces.of(TEAM)).client.token).toBe('xoxb-two');
    });

    it('loses what is about Slack, and keeps its invoices, roles and log', async () => {
      afterDays(91);
      await runJobs('retention', 'number-events', 'retention');
      expect(await kept()).toEqual({ installations: 0, people: [], homes: 0, subscriptions: 0, sources: 0 });
      expect(await Invoices.countDocuments({ accountId, number: { $exists: true, $ne: null } })).toBe(1);
      expect(await Members.countDocuments({ accountId, userId: 'U0OWNER', role: 'owner' })).toBe(1);
      expect(await Accounts.findById(accountId).lean()).toMatchObject({ financeChannelId: null });
      expect(await verifyLog(ctx, accountId)).toMatchObject({ brokenAt: undefined });
      const last = await Events.find({ accountId }).sort({ _id: -1 }).limit(2).lean();
      expect(last.map(({ description }) => description)).toEqual([
        'Removed source "AWS". Its costs stay',
        'Deleted 2 subscriptions, because the app was uninstalled from Slack 90 days ago',
      ]);
    });

    it('finds its accounts when it installs the app after that, and a late event ends nothing', async () => {
      afterDays(91);
      await runJobs('retention');
      await report('tokens_revoked');
      await installs('xoxb-two');
      await report('app_uninstalled', Math.floor(Date.now() / 1000) - 5);
      expect(await isInstalled()).toBe(true);
      const answers = api.callsOf('response_url').length;
      const who = { team: TEAM, user: 'U0OWNER', channel: FINANCE, responseUrl: api.responseUrl, trigger: `t${sent}` };
      await sendCommand(product.target, '/billing', 'groups', who);
      await Promise.all(product.app.running);
      expect(JSON.stringify(api.calls.slice(-5).map(({ args }) => args))).toContain('Blue');
      expect(api.callsOf('response_url').length).toBeGreaterThanOrEqual(answers);
    });

    it('keeps what belongs to a workspace that is served by its organization meanwhile', async () => {
      accepted.add('xoxb-org');
      await install(product.base, api, { team: null, enterprise: 'E1', token: 'xoxb-org' });
      await Installations.updateOne({ _id: 'E1' }, { $set: { teamIds: [TEAM] } });
      afterDays(91);
      await runJobs('retention');
      expect(await kept()).toEqual(ALL);
      expect(await Installations.findById(TEAM).lean()).toBeNull();
    });

    it.each([
      ['hasn’t been used there yet', null],
      ['ended later', 60],
    ])('keeps what belongs to a workspace whose organization’s installation %s', async (_what, ended) => {
      await Installations.updateOne({ _id: TEAM }, { $set: { enterpriseId: 'E1' } });
      accepted.add('xoxb-org');
      await install(product.base, api, { team: null, enterprise: 'E1', token: 'xoxb-org' });
      const endedAt = ended === null ? null : new Date(Date.now() + ended * DAY_MS);
      await Installations.updateOne({ _id: 'E1' }, { $set: { endedAt, teamIds: [] } });
      afterDays(91);
      await runJobs('retention');
      expect(await kept()).toEqual(ALL);
      expect(await Installations.findById('E1').lean()).toMatchObject({ teamIds: [TEAM] });
      if (ended === null) return;
      afterDays(ended + 91);
      await runJobs('retention');
      expect(await kept()).toEqual({ installations: 0, people: [], homes: 0, subscriptions: 0, sources: 0 });
    });
  });
});
