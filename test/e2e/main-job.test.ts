import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks, checkView, type Message, signatureHeaders, type View } from '../../src/local/workspace/index.ts';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

const SAMPLE = readFileSync('test/data/focus_sample_1000.csv');

useDatabase(migrate);

const clock = new TestClock('2024-09-28T12:00:00Z');
let product: Product;

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());

const EMPTY = { blocks: [] } as unknown as View;
const { as, ask } = driving(() => product);
const costFile = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

/** These tests tell one story, in this order. */
describe('from an empty workspace to an invoice in a channel', () => {
  it.each([
    ['U0VIEWER', 'Guests can’t set up an account'],
    ['U0MEMBER', 'Only an admin or owner of this Slack workspace can set up an account'],
  ])('%s, who is first to type /billing, is told who can set it up, and gets no form', async (user, why) => {
    expect((await as(user).command(FINANCE, '/billing')).ack.status).toBe(200);
    await as(user).waitFor(() => said(as(user).openedView() ?? EMPTY).includes(why));
    expect(as(user).openedView()?.callback_id).not.toBe('set_up');
  });

  it('a form submitted by someone who isn’t an admin creates nothing', async () => {
    const ctx = contextAt(clock, { kind: 'person', teamId: TEAM_ID, userId: 'U0MEMBER' });
    const input = { name: 'Mine', timeZone: 'Etc/UTC', currency: 'USD', financeChannelId: FINANCE };
    const owner = { teamId: TEAM_ID, userId: 'U0MEMBER' };
    for (const standing of ['full_member', 'guest', 'outsider', 'deactivated', 'app', undefined] as const) {
      const made = createAccount(ctx, { ...owner, ...(standing && { standing }) }, input);
      await expect(made).rejects.toMatchObject({ code: 'set_up_not_allowed' });
    }
    expect(await Accounts.countDocuments()).toBe(0);
  });

  it('a workspace admin who is first to type /billing is guided through a modal and becomes the owner', async () => {
    const owner = as('U0OWNER');
    expect((await owner.command(FINANCE, '/billing')).ack.status).toBe(200);
    const form = await owner.waitForView('Set up billing');
    await owner.waitFor(() => said(owner.openedView() ?? form).includes('Account name'));
    const view = owner.openedView();
    if (!view) throw new Error('no form');
    expect(checkView('modal', { ...view })).toEqual([]);
    // prefilled with the person's own time zone
    expect(said(view)).toContain('Europe/Berlin');
    const { options } = await owner.suggest({ actionId: 'set_up.currency' }, 'us dollar');
    expect(JSON.stringify(options[0])).toContain('USD');
    await owner.suggest({ actionId: 'set_up.time_zone' }, 'utc');
    const filled = { 'set_up.time_zone': 'Etc/UTC', 'set_up.currency': 'USD', 'set_up.channel': FINANCE };
    const { outcome } = await owner.submit(view, { ...filled, 'set_up.name': 'Acme' });
    expect(outcome).toBe('update');
    const channel = await owner.waitFor(() => owner.directMessage());
    await owner.waitFor(() => owner.messages(channel).some((message) => said(message).includes('you are its owner')));
    expect(await Accounts.findOne({ nameKey: 'acme' }).lean()).toMatchObject({
      currency: 'USD',
      financeChannelId: FINANCE,
    });
  });

  it('a person who isn’t a member is refused and told who can help', async () => {
    expect(said(await ask('U0STRANGER', '/billing groups'))).toContain('<@U0OWNER>');
  });

  it('help is available, and unknown words get a suggestion', async () => {
    expect(said(await ask('U0OWNER', '/billing help'))).toContain('/billing costs');
    expect(said(await ask('U0OWNER', '/billing grups'))).toContain('/billing group');
  });

  it('a cost file shared in the channel is offered for import, and imported once however often the button is clicked', async () => {
    const owner = as('U0OWNER');
    await owner.upload(FINANCE, 'costs.csv', SAMPLE);
    const offer = await owner.waitFor(() =>
      owner.ephemerals(FINANCE).find((message) => message.text.startsWith('Import costs.csv')),
    );
    expect(checkBlocks('message', offer.blocks ?? [])).toEqual([]);
    await Promise.all([1, 2].map(() => owner.click({ message: offer, actionId: 'import.add' }).catch(() => undefined)));
    await owner.waitFor(() => owner.ephemerals(FINANCE).some((message) => message.text.includes('is being imported')));
    await product.settle();
    const report = owner.messages(FINANCE).find((message) => message.text.startsWith('Imported costs.csv'));
    expect(report?.text).toContain('1000 rows read, 1000 new, 0 already imported, 0 rejected');
    expect(said(report as Message)).toContain('Total: USD 20.52');
    expect(await Costs.countDocuments()).toBe(1000);
    await product.settle();
    expect(owner.messages(FINANCE).filter((message) => message.text.startsWith('Imported costs.csv'))).toHaveLength(1);
  });

  it('a file in UTF-16 is offered as readable', async () => {
    const owner = as('U0OWNER');
    // its costs are of 2026, and it is still 2024
    const text = costFile('dropped-utf-16.csv').toString('utf16le').replaceAll('2026-', '2024-');
    await owner.upload(FINANCE, 'dropped-utf-16.csv', Buffer.from(text, 'utf16le'));
    const offer = await owner.waitFor(() =>
      owner.ephemerals(FINANCE).find((message) => message.text.startsWith('Import dropped-utf-16.csv')),
    );
    expect(offer.text).toContain('The file is in UTF-16');
  });

  it('pictures and notes of people who may not import are ignored', async () => {
    const account = await Accounts.findOne({ nameKey: 'acme' }).orFail().lean();
    await setMember(contextAt(clock), account._id, 'U0VIEWER', 'viewer');
    const viewer = as('U0VIEWER');
    await viewer.upload(FINANCE, 'team.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    await viewer.upload(FINANCE, 'notes.txt', Buffer.from('Lunch; at noon\n'));
    // a table may have been meant for the app; its answer comes after those to the files before it
    await viewer.upload(FINANCE, 'table.csv', Buffer.from('name,age,city\nann,30,Oslo\n'));
    await viewer.waitFor(() => viewer.ephemerals(FINANCE).some(({ text }) => text.startsWith('table.csv')));
    expect(viewer.ephemerals(FINANCE)).toHaveLength(1);
  });

  it('the costs are shown: groups, one group, pages of projects, months', async () => {
    expect(said(await ask('U0OWNER', '/billing groups'))).toContain('USD 20.52 so far in September 2024');
    const owner = as('U0OWNER');
    await owner.command(FINANCE, '/billing group "default billing group"');
    await owner.waitFor(() => said(owner.openedView() ?? EMPTY).includes('Amazon Elastic Compute Cloud'));
    expect(checkView('modal', { ...owner.openedView() })).toEqual([]);
    await owner.close(true);
    expect(said(await ask('U0OWNER', '/billing costs 2024-09'))).toContain('Costs by project');
    expect(said(await ask('U0OWNER', '/billing costs soon'))).toContain('isn’t a valid month');
    const first = await ask('U0OWNER', '/billing projects');
    expect(said(first)).toContain('Page 1 of 5');
    await as('U0OWNER').click({ message: first, actionId: 'projects.page.next' });
    await as('U0OWNER').waitFor(() =>
      as('U0OWNER')
        .ephemerals(FINANCE)
        .some((message) => said(message).includes('Page 2 of 5')),
    );
  });

  it('issuing a month that isn’t over is refused, and to a member at any time', async () => {
    const account = await Accounts.findOne({ nameKey: 'acme' }).orFail().lean();
    await setMember(contextAt(clock), account._id, 'U0MEMBER', 'member');
    expect(said(await ask('U0OWNER', '/billing issue default 2024-09'))).toContain('isn’t over yet');
    expect(said(await ask('U0OWNER', '/billing issue default "September 2024"'))).toContain('isn’t over yet');
    clock.set('2024-10-03T00:00:00Z');
    const refused = said(await ask('U0MEMBER', '/billing issue default 2024-09'));
    expect(refused).toContain('owner or billing admin');
    expect(refused).toContain('<@U0OWNER>');
    expect(await Invoices.countDocuments({ state: { $ne: 'estimate' } })).toBe(0);
  });

  it('the month closes automatically and the finance channel is notified once, with the lines as CSV', async () => {
    await product.settle();
    await product.settle();
    const messages = as('U0OWNER')
      .messages(FINANCE)
      .filter((message) => message.text.startsWith('Invoice ACME-1'));
    expect(messages).toHaveLength(1);
    const [message] = messages as [Message];
    expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
    for (const word of ['USD 20.52', 'September 2024', 'mailed', 'View invoice', 'Amazon Elastic Compute Cloud']) {
      expect(said(message)).toContain(word);
    }
    const thread = as('U0OWNER')
      .messages(FINANCE)
      .find((one) => one.thread_ts === message.ts && one.files?.length);
    const [file] = thread?.files ?? [];
    expect(file?.name).toBe('ACME-1.csv');
    const csv = String(await product.workspace.fileBytes(file?.id ?? ''));
    expect(csv.trim().split('\r\n')).toHaveLength(
      1 + ((await Invoices.findOne({ number: 'ACME-1' }).lean())?.lineCount ?? 0),
    );
  });

  it('the invoice is shown with all its lines, by button and by command, and the CSV is sent to anyone who asks', async () => {
    const member = as('U0MEMBER');
    const message = member.messages(FINANCE).find((one) => one.text.startsWith('Invoice ACME-1'));
    await member.click({ message: message as Message, actionId: 'invoice.view' });
    const view = await member.waitForView('ACME-1');
    expect(checkView('modal', { ...view })).toEqual([]);
    expect(said(view)).toContain('Page 1 of 6');
    await member.click({ view, actionId: 'invoice.page.next' });
    await member.waitFor(() => said(member.openedView() ?? view).includes('Page 2 of 6'));
    await member.click({ view: member.openedView() ?? view, actionId: 'invoice.csv' });
    const direct = await member.waitFor(() => member.directMessage());
    await member.waitFor(() =>
      member.messages(direct).some((one) => one.files?.some((file) => file.name === 'ACME-1.csv')),
    );
    await member.close(true);
    await member.command(FINANCE, '/billing invoice acme-1');
    await member.waitForView('ACME-1');
    await member.close(true);
    expect(said(await ask('U0MEMBER', '/billing invoices'))).toContain('ACME-1');
  });

  it('the modal says when there is no such invoice', async () => {
    const member = as('U0MEMBER');
    await member.command(FINANCE, '/billing invoice ACME-99');
    await member.waitFor(() => said(member.openedView() ?? EMPTY).includes('There is no invoice'));
    await member.close(true);
  });

  it('the Home tab shows the account, and how to join to people without one', async () => {
    await as('U0OWNER').openHome();
    const home = await as('U0OWNER').waitFor(() => as('U0OWNER').home());
    expect(checkView('home', { ...home })).toEqual([]);
    expect(said(home)).toContain('Acme');
    await as('U0STRANGER').openHome();
    const closed = await as('U0STRANGER').waitFor(() => as('U0STRANGER').home());
    expect(said(closed)).toContain('<@U0OWNER>');
    expect(said(closed)).not.toContain('Acme');
  });
});

describe('requests that aren’t from Slack', () => {
  const body = 'command=%2Fbilling&text=groups&user_id=U0OWNER&team_id=T0TEST&channel_id=C0FINANCE';
  const seconds = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * 60;
  const send = (headers: Record<string, string>) =>
    fetch(product.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it.each([
    ['a wrong signature', () => signatureHeaders('another secret', body)],
    ['a timestamp more than five minutes old', () => signatureHeaders(product.signingSecret, body, seconds(-6))],
    ['a timestamp more than five minutes ahead', () => signatureHeaders(product.signingSecret, body, seconds(6))],
    ['no signature', () => ({})],
  ])('are refused with 401: %s', async (_what, headers) => {
    expect((await send(headers() as Record<string, string>)).status).toBe(401);
  });
});
