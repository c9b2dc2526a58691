import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';
let projectId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0ADMIN', 'U0VIEWER'] });
  const group = await createGroup(ctx, { accountId, name: 'Team *Blue* <!channel>' });
  const admin = contextAt(clock, person('U0ADMIN', TEAM_ID));
  clock.set('2026-03-21T12:00:00Z');
  for (let at = 1; at <= 30; at++) {
    const name = `project-${String(at).padStart(2, '0')}`;
    const { project } = await createProject(admin, { accountId, name, billingGroupId: group._id });
    if (at === 7) projectId = project._id;
  }
  await product.settle();
});
afterAll(() => product.stop());

/** The file that the person last got by direct message. */
async function fileOf(user: string, rows: number): Promise<Record<string, string>[]> {
  await modalSaying(user, `${rows} ${rows === 1 ? 'entry was' : 'entries were'} sent to you`);
  const channel = as(user).directMessage();
  const file = as(user)
    .messages(channel)
    .flatMap((message) => message.files ?? [])
    .at(-1);
  if (!file) throw new Error('no file was sent');
  return parse(String(await product.workspace.fileBytes(file.id)), { columns: true, bom: true });
}

describe('the account’s event log', () => {
  it('is shown newest first, by command and from Home, with plain names and mentions of people', async () => {
    const view = said(await open('U0VIEWER', '/billing events', 'project-30'));
    expect(view).toContain('<@U0ADMIN>');
    expect(view).not.toContain('<!channel>');
    expect(view).not.toContain('project-05');
    expect(view.indexOf('project-30')).toBeLessThan(view.indexOf('project-29'));
    await as('U0VIEWER').close(true);
    await as('U0VIEWER').openHome();
    await as('U0VIEWER').waitFor(() => as('U0VIEWER').home());
    await as('U0VIEWER').click({ home: true, actionId: 'events.open' });
    await modalSaying('U0VIEWER', 'project-30');
  });

  it('can be paged to its beginning and back, within the query limit', async () => {
    await open('U0VIEWER', '/billing events', 'project-30');
    const queries = new QueryCounter();
    await clickFor('U0VIEWER', 'events.page.next', 'project-10');
    expect(queries.take().length).toBeLessThanOrEqual(10);
    const oldest = said(await clickFor('U0VIEWER', 'events.page.next', 'Created account'));
    expect(oldest).not.toContain('events.page.next');
    // the person an event is about is mentioned too
    expect(oldest).toContain('Added member <@U0ADMIN> as billing admin');
    expect(oldest).toContain('the operator');
    expect(oldest).toContain('&lt;!channel&gt;');
    await clickFor('U0VIEWER', 'events.page.previous', 'project-10');
    await clickFor('U0VIEWER', 'events.page.previous', 'project-30');
  });

  it.each([
    ['kind members', 'Added member', 'project-'],
    ['kind bil', 'No events match', 'project-'],
    ['by @u0admin', 'project-30', 'Created account'],
    ['by operator kind groups', 'Created billing group', 'project-30'],
    ['by automation', 'No events match', 'Created account'],
    ['since 2026-03-21', 'project-30', 'Created account'],
    ['until 20.3.2026', 'Created account', 'project-30'],
    ['since Mar 2026 until 2026-03 kind account', 'Created account', 'project-30'],
    ['by me', 'No events match', 'project-30'],
  ])('is filtered by typed words: %s', async (words, there, notThere) => {
    const view = said(await open('U0VIEWER', `/billing events ${words}`, there));
    expect(view).toContain('Only ');
    expect(view).not.toContain(notThere);
  });

  it.each([
    ['kind weather', 'There is no event kind “weather”'],
    ['kind m', 'matches several event kinds'],
    ['by nobody', 'isn’t a person in this workspace'],
    ['by', 'isn’t a person in this workspace'],
    ['since last week', 'isn’t a valid date'],
    ['until 2026-02-30', 'isn’t a valid date'],
    ['Nowhere', 'There is no billing group named'],
  ])('explains an invalid filter: %s', async (words, why) => {
    await open('U0VIEWER', `/billing events ${words}`, why);
  });

  it('is hidden from outsiders', async () => {
    await open('U0STRANGER', '/billing events', 'You don’t belong to an account');
  });
});

describe('the filter', () => {
  it('narrows by topic, person, project and days, is kept while paging, and can be cleared', async () => {
    await open('U0VIEWER', '/billing events', 'project-30');
    await clickFor('U0VIEWER', 'events.filter.open', 'Done by');
    await submitFor(
      'U0VIEWER',
      { kind: 'projects', by: 'U0ADMIN', from: '2026-03-21' },
      'Only about projects · by <@U0ADMIN>',
    );
    const second = said(await clickFor('U0VIEWER', 'events.page.next', 'Only about projects'));
    expect(second).toContain('since 2026-03-21');
    // the form shows the choices again
    const form = said(await clickFor('U0VIEWER', 'events.filter.open', 'Done by'));
    expect(form).toContain('"initial_user":"U0ADMIN"');
    expect(form).toContain('"initial_date":"2026-03-21"');
    await submitFor('U0VIEWER', { who: 'anyone', kind: 'members' }, 'Only about members · since');
    await modalSaying('U0VIEWER', 'No events match');
    const all = said(await clickFor('U0VIEWER', 'events.filter.clear', 'project-30'));
    expect(all).not.toContain('Only ');
  });

  it('finds a project while typing, and names it', async () => {
    await open('U0VIEWER', '/billing events', 'project-30');
    await clickFor('U0VIEWER', 'events.filter.open', 'Done by');
    const { options } = await as('U0VIEWER').suggest({ actionId: 'events.filter.project' }, 'ect-07');
    expect(options.map(({ value }) => value)).toEqual([projectId]);
    const all = await as('U0VIEWER').suggest({ actionId: 'events.filter.project' }, '');
    expect(all.options[0]?.value).toBe('any');
    await as('U0VIEWER').suggest({ actionId: 'events.filter.project' }, 'ect-07');
    const view = said(await submitFor('U0VIEWER', { project: projectId }, 'of project project-07'));
    expect(view).toContain('Created project');
    expect(view).not.toContain('project-08');
  });

  it('shows errors under its fields', async () => {
    await open('U0VIEWER', '/billing events', 'project-30');
    await clickFor('U0VIEWER', 'events.filter.open', 'Done by');
    expect(await errorsOf('U0VIEWER', { who: 'person' })).toEqual({ by: 'Choose the person.' });
    const backwards = { who: 'anyone', from: '2026-03-21', to: '2026-03-20' };
    expect(await errorsOf('U0VIEWER', backwards)).toEqual({ to: 'The last day is before the first.' });
    await submitFor(
      'U0VIEWER',
      { who: 'automation', from: '2026-03-20', to: '2026-03-21' },
      'by this app, automatically',
    );
  });
});

describe('a group’s event log', () => {
  it('is a tab of its view, also by command, with the same filter and pages', async () => {
    await open('U0VIEWER', '/billing group team', 'so far in');
    await clickFor('U0VIEWER', 'group.tab.events', 'project-30');
    await clickFor('U0VIEWER', 'events.page.next', 'Created billing group');
    await clickFor('U0VIEWER', 'events.page.previous', 'project-30');
    await clickFor('U0VIEWER', 'events.filter.open', 'Done by');
    const view = said(await submitFor('U0VIEWER', { kind: 'groups' }, 'Only about groups'));
    expect(view).toContain('so far in');
    expect(view).not.toContain('project-30');
    await clickFor('U0VIEWER', 'events.filter.clear', 'project-30');
    const typed = said(await open('U0VIEWER', '/billing events team kind groups', 'Only about groups'));
    expect(typed).toContain('so far in');
    expect(typed).not.toContain('Created account');
  });
});

describe('the export of the log', () => {
  it('sends what the filter matches, by direct message', async () => {
    await open('U0VIEWER', '/billing events kind members', 'Added member');
    await as('U0VIEWER').click({ view: await modalSaying('U0VIEWER', 'Export as CSV'), actionId: 'events.export' });
    const rows = await fileOf('U0VIEWER', 3);
    expect(rows.map((row) => row.event_desc)).toEqual([
      'Added member U0VIEWER as viewer',
      'Added member U0ADMIN as billing admin',
      'Added member U0OWNER as owner',
    ]);
  });

  it('for a group has all of the group’s entries and no others, whatever page is shown', async () => {
    await open('U0VIEWER', '/billing events team', 'project-30');
    const older = await clickFor('U0VIEWER', 'events.page.next', 'Created billing group');
    await as('U0VIEWER').click({ view: older, actionId: 'events.export' });
    const rows = await fileOf('U0VIEWER', 31);
    expect(new Set(rows.map((row) => row.billing_group_id)).size).toBe(1);
  });
});

describe('/billing verify', () => {
  it('says how far the log is intact, and shows the last hash', async () => {
    const answer = said(await ask('U0VIEWER', '/billing verify'));
    const head = await Events.countDocuments({ accountId, logEntryId: { $exists: true } });
    expect(answer).toContain(`The event log is intact: ${head} entries`);
    expect(answer).toContain((await Events.findOne({ accountId, logEntryId: head }).orFail().lean()).hash ?? 'none');
  });

  it('says where it is broken', async () => {
    const { description } = await Events.findOne({ accountId, logEntryId: 9 }).orFail().lean();
    await Events.updateOne({ accountId, logEntryId: 9 }, { $set: { description: 'Nothing' } });
    const answer = said(await ask('U0VIEWER', '/billing verify'));
    expect(answer).toContain('broken at entry 9');
    expect(answer).toContain('Entries 1 to 8 are valid');
    await Events.updateOne({ accountId, logEntryId: 9 }, { $set: { description } });
    await Events.deleteOne({ accountId, logEntryId: 1 });
    expect(said(await ask('U0VIEWER', '/billing verify'))).toContain('broken at entry 1');
  });

  it('is refused to outsiders', async () => {
    expect(said(await ask('U0STRANGER', '/billing verify'))).toContain('You don’t belong to an account');
  });
});

it('a removed member can’t turn pages', async () => {
  await setMember(ctx, accountId, 'U0MEMBER', 'member');
  const view = await open('U0MEMBER', '/billing events', 'project-30');
  await ask('U0OWNER', '/billing members remove @u0member');
  await as('U0MEMBER').click({ view, actionId: 'events.page.next' });
  await modalSaying('U0MEMBER', 'You don’t belong to this account');
});
