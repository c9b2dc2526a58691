import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { allJobs } from '../../../jobs/index.ts';
import { EVENTS, type EventType, ruleOf } from '../../../src/billing/event/event-types.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { metricsListener } from '../../../src/platform/metrics.ts';
import { inviteMember } from '../../../src/services/access/members.ts';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { noteVisit } from '../../../src/services/accounts/home-visits.ts';
import { askLeads } from '../../../src/services/anomalies/anomaly-answers.ts';
import { allFailingItems, allRuns } from '../../../src/services/background/job-runs.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { setApprovers } from '../../../src/services/groups/groups.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { newsOfAccounts } from '../../../src/services/notices/notice-lag.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { setProjectLeads } from '../../../src/services/projects/project-leads.ts';
import { actorNames } from '../../../src/services/workspaces/people.ts';
import { Messenger } from '../../../src/slack/web-api/messenger.ts';
import { inOneWorkspace } from '../../../src/slack/web-api/messengers.ts';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Mails } from '../../../src/store/notices/mails.ts';
import { People } from '../../../src/store/workspaces/people.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { FINANCE, PERSON_OF } from '../../support/slack/listener-needs.ts';
import { sendFrom } from '../../support/slack/listener-requests.ts';
import { type Arrived, type LookAlikeWorld, lookAlikeWorld } from '../../support/slack/look-alike-world.ts';
import { LOOK_ALIKES, type LookAlike, namedIn } from '../../support/slack/look-alikes.ts';
import { clickInMessage, sendEvent, sendInteraction } from '../../support/slack/signed.ts';

useDatabase(migrate);

const TYPES = Object.keys(EVENTS) as EventType[];
const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let world: LookAlikeWorld;

const costs = ({ word }: LookAlike) =>
  `${FOCUS_HEAD}\nb1,EUR,12.00,Usage,2026-04-01T00:00:00Z,2026-04-01T10:00:00Z,Compute,${word}-shop,${word} usage\n`;

beforeAll(async () => {
  world = await lookAlikeWorld(clock, costs);
  for (const one of LOOK_ALIKES) await prepare(one);
});
afterAll(() => world.stop());

/** Something to do for every job in a workspace. */
async function prepare({ team, word }: LookAlike): Promise<void> {
  const { account: accountId = '', group = '', project: projectId = '', anomaly = '' } = factsOf(team);
  const owner = contextAt(clock, person(PERSON_OF.owner, team));
  await subscribe(owner, accountId, { channelId: 'DU0OWNER', isPersonal: true, rhythm: 'daily' });
  await subscribe(owner, accountId, { channelId: FINANCE, isPersonal: false, digest: 'weekly' });
  await inviteMember(ctx, { accountId, who: { kind: 'usergroup', id: 'S0TEAM' }, role: 'viewer', users: [] });
  await setApprovers(ctx, { accountId, billingGroupId: group, userIds: [PERSON_OF.approver] });
  await setProjectLeads(ctx, { accountId, projectId, users: [PERSON_OF.viewer], userGroups: [] });
  await askLeads(owner, { accountId, id: anomaly });
  await setBudget(ctx, { accountId, billingGroupId: group, amount: '1.00' });
  await noteVisit(owner, { teamId: team, userId: PERSON_OF.owner, accountId, page: 1 });
  await actorNames(ctx, accountId, [PERSON_OF.owner]);
  await Accounts.updateOne({ _id: accountId }, { $set: { costReviews: 'ask' } });
  // another account of the workspace loses its only owner
  const input = { name: `${word} Second`, timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
  await createAccount(ctx, { teamId: team, userId: 'U0GONE' }, input);
}

async function happen({ team, word }: LookAlike, types: readonly EventType[]): Promise<void> {
  const { account: accountId = '', group = '', project = '', invoice = '' } = factsOf(team);
  const about = { billingGroupId: group, projectId: project, invoiceId: invoice, after: { name: word } };
  await inTransaction(contextAt(clock, person(PERSON_OF.owner, team)), async (tx) => {
    for (const type of types) await tx.record({ accountId, type, description: `${word} had ${type}`, ...about });
  });
}

function factsOf(team: string) {
  const one = LOOK_ALIKES.find((candidate) => candidate.team === team);
  return (one && world.facts.get(one)) ?? {};
}

/** Each type of event happens in two workspaces, so that each has fewer at once than make a digest. */
const AT_ONCE = 20;
const JOBS = allJobs(inOneWorkspace(new Messenger(new WebClient())), { vatOffice: { check: async () => 'valid' } }).map(
  ({ name }) => name,
);
let rounds = 0;

/** Runs every job, each in the process that didn't run it the last time and continues with what is left. */
async function runAll(): Promise<void> {
  rounds += 1;
  for (const [at, name] of JOBS.entries()) await world.processes[(rounds + at) % 2]?.ticks.run(name);
  for (const { ticks } of world.processes) await ticks.idle();
}

/** @param alike workspaces in which the same happened */
function expectOnlyOwn({ strangers, own }: Arrived, alike = LOOK_ALIKES): void {
  expect(strangers).toEqual([]);
  // what is sent in one workspace is sent in all
  const seen = alike.map((one) => [...(own.get(one) ?? new Map<string, number>()).keys()].sort());
  expect(seen[0]).toContain('chat.postMessage');
  for (const other of seen) expect(other).toEqual(seen[0]);
}

describe('jobs in workspaces with the same IDs', () => {
  it('answer, import and report the same file in each, with that workspace’s content', async () => {
    const mark = world.mark();
    const event = {
      type: 'file_shared',
      user_id: PERSON_OF.owner,
      channel_id: FINANCE,
      file_id: 'F7',
      event_ts: '1.7',
    };
    for (const one of LOOK_ALIKES) {
      const { target, team, enterprise } = world.sending(one);
      await sendEvent(target, event, { team, enterprise, eventId: 'EvSame' });
    }
    await world.quiet();
    for (const one of LOOK_ALIKES) {
      const { target, team, enterprise, responseUrl, facts } = world.sending(one);
      const value = JSON.stringify({ account: facts.account, channel: FINANCE, file: 'F7', name: 'x.csv' });
      const click = clickInMessage({ action_id: 'import.add', value });
      await sendInteraction(target, click, { user: PERSON_OF.owner, team, enterprise, responseUrl });
    }
    await world.quiet();
    await runAll();
    expectOnlyOwn(await world.since(mark));
    expect((await Imports.find({ 'slack.fileId': 'F7' }).lean()).map(({ state }) => state)).toEqual(
      LOOK_ALIKES.map(() => 'finished'),
    );
  });

  it(`send all ${TYPES.length} types of events to the channel of their own workspace`, async () => {
    const mark = world.mark();
    for (let from = 0; from < TYPES.length; from += AT_ONCE) {
      const types = TYPES.slice(from, from + AT_ONCE);
      // workspaces with their own installation and those of the organization in turn
      for (const [of, one] of LOOK_ALIKES.entries())
        await happen(
          one,
          types.filter((_, at) => at % 2 === of % 2),
        );
      await runNews(from / AT_ONCE);
    }
    const posted = world.api.callsOf('chat.postMessage').map(({ args }) => String(args.text));
    const missing = TYPES.filter((type) => {
      const { message, isAnnounced } = ruleOf(type);
      return (
        isAnnounced &&
        message === 'description' &&
        posted.filter((text) => text.includes(` had ${type}`)).length < LOOK_ALIKES.length / 2
      );
    });
    expect(missing).toEqual([]);
    const arrived = await world.since(mark);
    for (const rest of [0, 1])
      expectOnlyOwn(
        arrived,
        LOOK_ALIKES.filter((_, at) => at % 2 === rest),
      );
  });

  it('do all that is due in the following weeks', async () => {
    const mark = world.mark();
    for (const one of LOOK_ALIKES) {
      const to = world.sending(one);
      await sendFrom(to, 'action move.approve', PERSON_OF.owner, 'due');
      const user = { id: 'U0GONE', team_id: one.team, deleted: true, updated: 2_000_000_000 };
      const event = { type: 'user_change', user };
      await sendEvent(to.target, event, { team: one.team, enterprise: one.enterprise, eventId: 'EvGone' });
    }
    await world.quiet();
    for (const day of [
      '2026-04-03T09:30:00Z',
      '2026-04-20T09:30:00Z',
      '2026-05-03T09:30:00Z',
      '2026-06-20T09:30:00Z',
    ]) {
      clock.set(day);
      await runAll();
    }
    const arrived = await world.since(mark);
    expectOnlyOwn(arrived);
    expect([...(arrived.own.get(LOOK_ALIKES[0] as LookAlike) ?? []).keys()]).toEqual(
      expect.arrayContaining(['chat.postMessage', 'mail', 'upload']),
    );
    expect(await Mails.countDocuments({ state: 'sent' })).toBeGreaterThanOrEqual(LOOK_ALIKES.length);
  });

  it('ask each workspace for its own people', async () => {
    const people = await People.find({ userId: PERSON_OF.owner }).lean();
    expect(new Map(people.map(({ teamId, name }) => [teamId, name]))).toEqual(
      new Map(LOOK_ALIKES.map(({ team, word }) => [team, `${word} Person`])),
    );
    const groups = await Members.find({ userId: 'S0TEAM' }).lean();
    expect(groups.map(({ users }) => users)).toEqual(LOOK_ALIKES.map(() => ['U0MEMBER', 'U0STRANGER']));
  });

  it('appear in metrics without any name', async () => {
    const log = createLogger({ level: 'silent' });
    const measures = {
      jobCounts: () => world.processes[0]?.ticks.counts ?? new Map(),
      jobRuns: () => allRuns(ctx),
      news: () => newsOfAccounts(ctx),
      failingItems: () => allFailingItems(ctx),
    };
    const server = createServer(metricsListener({ measures, log, token: undefined }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    server.close();
    for (const { team } of LOOK_ALIKES) expect(text).toContain(factsOf(team).account ?? 'no account');
    expect(namedIn(text)).toEqual([]);
  });
});

async function runNews(process: number): Promise<void> {
  const { ticks } = world.processes[process % world.processes.length] ?? {};
  for (const name of ['number-events', 'news'] as const) await ticks?.run(name);
  await ticks?.idle();
}
