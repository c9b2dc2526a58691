import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { App } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { type Bench, FINN, GENERAL, makeBench, OLGA, plain, section } from '../local/workspace/support.ts';
import { contrastsOf } from './contrast.ts';
import { inBrowser, type Person } from './support.ts';

const CONTRAST = 4.5;
/** What a screen reader announces by its name. */
const CONTROLS = /^\s*- '?(button|link|textbox|combobox|checkbox|radio|img|navigation|complementary|log)\b/;
/** A PDF of one empty page. */
const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF',
);

const BLOCKS: KnownBlock[] = [
  { type: 'header', text: plain('Costs of October') },
  {
    type: 'table',
    column_settings: [{ align: 'left' }, { align: 'right' }],
    rows: [
      [
        { type: 'raw_text', text: 'Project' },
        { type: 'raw_text', text: 'Amount' },
      ],
      [
        { type: 'raw_text', text: 'shop' },
        { type: 'raw_text', text: '12.50' },
      ],
    ],
  },
];

inBrowser('the page', (at) => {
  let bench: Bench;
  let olga: Person;
  let finn: Person;
  let release: () => void = () => undefined;

  beforeAll(async () => {
    const shortcuts = [
      { name: 'Note it', type: 'message' as const, callback_id: 'note', description: 'Notes a message' },
    ];
    bench = await makeBench(listen, { shortcuts });
    olga = await at(bench.workspace.url, OLGA);
    finn = await at(bench.workspace.url, FINN);
    await olga.goTo(GENERAL);
    await finn.goTo('C0FINANCE');
  });
  afterAll(() => bench.stop());

  function listen(app: App): void {
    app.command('/demo', async ({ ack, client, command }) => {
      await ack();
      const view = { callback_id: 'f', title: plain('Loading'), blocks: [section('One moment …')] };
      const opened = await client.views.open({ trigger_id: command.trigger_id, view: { type: 'modal', ...view } });
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      const field = {
        type: 'input' as const,
        block_id: 'name',
        label: plain('Name'),
        element: { type: 'plain_text_input' as const, action_id: 'text' },
      };
      const full = { callback_id: 'f', title: plain('Form'), submit: plain('Send'), blocks: [field] };
      await client.views.update({ view_id: opened.view?.id ?? '', view: { type: 'modal', ...full } });
    });
    app.view('f', async ({ ack }) => ack({ response_action: 'errors', errors: { name: 'That name is taken.' } }));
    app.shortcut('note', async ({ ack, respond }) => {
      await ack();
      await respond('Noted.');
    });
  }

  it('two windows are two people at once: one person’s message reaches the other, marked unread until they look', async () => {
    await olga.type('Hello @finn');
    const channel = finn.page.getByRole('button', { name: /^general/ });
    await finn.page.getByRole('button', { name: 'general 1 unread' }).waitFor();
    await channel.click();
    await finn.message('Hello @Finn Finance');
    await finn.page.getByRole('button', { name: 'general', exact: true }).waitFor();
    await finn.page.reload();
    await finn.page.getByRole('button', { name: 'general', exact: true }).waitFor();
  });

  it('a reply appears in its thread', async () => {
    const message = await finn.message('Hello @Finn Finance');
    await message.hover();
    await message.getByRole('button', { name: 'Reply' }).first().click();
    await finn.page.getByLabel('Reply', { exact: true }).fill('Hello yourself');
    await finn.page.keyboard.press('Enter');
    const thread = olga.page.getByRole('region', { name: 'Thread' });
    await thread.getByText('Hello yourself').waitFor();
  });

  it('a message’s menu has the app’s shortcuts, also by keyboard', async () => {
    const message = await olga.message('Hello @Finn Finance');
    const menu = message.getByRole('button', { name: 'More actions' }).first();
    await menu.focus();
    await olga.page.keyboard.press('Enter');
    await olga.page.getByRole('menuitem', { name: /Note it/ }).waitFor();
    await olga.page.keyboard.press('Enter');
    await olga.message('Noted.');
  });

  it('tables, CSV files and PDF files are previewed in place', async () => {
    await bench.client.chat.postMessage({ channel: GENERAL, text: 'Costs', blocks: BLOCKS });
    const message = await olga.message('Costs of October');
    await message.getByRole('columnheader', { name: 'Amount' }).waitFor();
    expect(await message.getByRole('cell', { name: '12.50' }).count()).toBe(1);
    await bench.workspace.as(FINN).upload(GENERAL, 'costs.csv', 'project,amount\nshop,"1,200.50"\n');
    await olga.page.getByRole('cell', { name: '1,200.50' }).waitFor();
    await bench.workspace.as(FINN).upload(GENERAL, 'invoice.pdf', PDF);
    const file = olga.page.getByRole('figure').filter({ hasText: 'invoice.pdf' });
    await file.getByRole('button', { name: 'Show' }).click();
    const frame = file.locator('iframe');
    await frame.waitFor();
    const shown = await fetch(`${bench.workspace.url}${await frame.getAttribute('src')}`);
    expect(shown.headers.get('content-type')).toContain('application/pdf');
    expect(shown.headers.get('content-disposition')).toContain('inline');
    const saving = olga.page.waitForEvent('download');
    await file.getByRole('link', { name: 'Download' }).click();
    expect(readFileSync(await (await saving).path()).equals(PDF)).toBe(true);
  });

  it('a modal shows that it is loading, then its form, with errors under their field, which has the focus', async () => {
    await olga.type('/demo');
    await olga.modal('One moment');
    release();
    const form = await olga.modal('Name');
    await expect(form.locator('input:focus').waitFor()).resolves.toBeUndefined();
    await form.getByLabel('Name').fill('Blue');
    await olga.page.keyboard.press('Enter');
    await form.getByRole('alert').filter({ hasText: 'That name is taken.' }).waitFor();
    expect(await form.locator('[aria-invalid]:focus').inputValue()).toBe('Blue');
    await olga.page.keyboard.press('Escape');
    await olga.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('switching to another person shows what they see', async () => {
    const window = await at(bench.workspace.url, OLGA);
    await window.goTo(GENERAL);
    await window.page.getByRole('button', { name: /^secrets/ }).waitFor();
    await window.page.getByLabel('Act as').selectOption(FINN);
    await window.page.getByRole('button', { name: /^finance/ }).waitFor();
    expect(await window.page.getByRole('button', { name: /^secrets/ }).count()).toBe(0);
    await window.page.close();
  });

  it('the panel sets faults, a revoked token and an archived channel', async () => {
    await olga.click(/^Clock and faults/);
    const panel = olga.page.getByRole('complementary', { name: 'Clock and faults' });
    await panel.getByLabel('Which call').selectOption('chat.postMessage');
    await panel.getByLabel('What happens').selectOption('429');
    await panel.getByRole('button', { name: 'Add fault' }).click();
    await panel.getByRole('listitem').filter({ hasText: 'chat.postMessage' }).waitFor();
    const post = () => bench.client.chat.postMessage({ channel: GENERAL, text: 'news' });
    await expect(post()).rejects.toMatchObject({ retryAfter: 5 });
    await panel.getByRole('listitem').filter({ hasText: 'chat.postMessage' }).waitFor({ state: 'detached' });
    const revoked = panel.getByLabel('The app’s token is revoked');
    await revoked.check();
    await olga.page.getByRole('button', { name: /Token revoked/ }).waitFor();
    await expect(post()).rejects.toMatchObject({ data: { error: 'token_revoked' } });
    await revoked.uncheck();
    await panel.getByLabel('#general is archived').check();
    await olga.page.getByText('This channel is archived').waitFor();
    await expect(post()).rejects.toMatchObject({ data: { error: 'is_archived' } });
    await panel.getByLabel('#general is archived').uncheck();
    await olga.page.getByLabel('Message #general').waitFor();
    await panel.getByRole('button', { name: 'Close the panel' }).click();
  });

  it('every control has an accessible name', async () => {
    await olga.click(/^Clock and faults/);
    const lines = (await olga.page.locator('body').ariaSnapshot()).split('\n');
    const used = lines.filter((line) => CONTROLS.test(line));
    expect(used.length).toBeGreaterThan(30);
    expect(used.filter((line) => !/"[^"]+"|\/.+\//.test(line))).toEqual([]);
    await olga.click('Close the panel');
  });

  it.each(['light', 'dark'] as const)('in %s, text contrast meets WCAG (4.5 to 1)', async (colorScheme) => {
    const window = await at(bench.workspace.url, OLGA, { colorScheme });
    await window.goTo(GENERAL);
    await window.click(/^Clock and faults/);
    const ratios = await contrastsOf(window.page);
    expect(ratios.length).toBeGreaterThan(10);
    expect(ratios.filter(({ ratio }) => ratio < CONTRAST)).toEqual([]);
    await window.page.close();
  });
});
