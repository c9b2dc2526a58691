import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { type InvoiceDoc, Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { closeOnly, costRow, importCosts, setParties } from '../../support/invoices/closed.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';
import { sendInteraction } from '../../support/slack/signed.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask, open, clickFor, modalSaying } = driving(() => product);
let product: Product;
let invoice: InvoiceDoc;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0VIEWER'] });
  await importCosts(ctx, accountId, [costRow('60.004'), costRow('40', { project: 'Łódź' })]);
  await setParties(accountId);
  invoice = await closeOnly(ctx, accountId);
  await product.settle();
});
afterAll(() => product.stop());
beforeEach(async () => {
  product.workspace.faults.clear();
  await as('U0VIEWER')
    .close(true)
    .catch(() => []);
});

/** The messages with a file of this name in a channel. */
const filesIn = (channel: string, name: string) =>
  as('U0OWNER')
    .messages(channel)
    .filter((message) => message.files?.some((file) => file.name === name));
const bytesOf = async (message: Message | undefined) => product.workspace.fileBytes(message?.files?.[0]?.id ?? '');
const directOf = (user: string) => as(user).directMessage();
const direct = () => directOf('U0VIEWER');
/** Waits until there is one more file than before, and returns it. */
async function oneMore(channel: string, name: string, act: () => Promise<unknown>): Promise<Message> {
  const before = filesIn(channel, name).length;
  await act();
  await as('U0VIEWER').waitFor(() => filesIn(channel, name).length > before);
  const after = filesIn(channel, name);
  expect(after).toHaveLength(before + 1);
  return after.at(-1) as Message;
}

describe('/billing invoice NUMBER download', () => {
  it.each([
    ['', 'pdf', 'as PDF', '%PDF-1.7'],
    [' pdf', 'pdf', 'as PDF', '%PDF-1.7'],
    [' CSV', 'csv', '2 lines as CSV', '\uFEFFinvoice_number,'],
    [' json', 'json', 'as JSON', '{'],
    [' xml', 'xml', 'PEPPOL', '<?xml'],
  ])(
    'sends the file in a direct message that says what it is, and shows nothing in the channel: “download%s”',
    async (form, ending, words, begin) => {
      const number = invoice.number ?? '';
      const inChannel = filesIn(FINANCE, `${number}.${ending}`).length;
      const message = await oneMore(direct(), `${number}.${ending}`, () =>
        ask('U0VIEWER', `/billing invoice ${number.toLowerCase()} download${form}`),
      );
      expect(filesIn(FINANCE, `${number}.${ending}`)).toHaveLength(inChannel);
      expect(message.text).toContain(`Invoice *${number}*`);
      expect(message.text).toContain('EUR 119.00');
      expect(message.text).toContain(words);
      expect(message.thread_ts).toBeUndefined();
      expect(String(await bytesOf(message)).startsWith(begin)).toBe(true);
    },
  );

  it('shares the file in the channel on request', async () => {
    const number = invoice.number ?? '';
    const answer = await ask('U0VIEWER', `/billing invoice ${number} download`);
    expect(said(answer)).toContain('was sent to you in a direct message');
    const message = await oneMore(FINANCE, `${number}.pdf`, () =>
      as('U0VIEWER').click({ message: answer, actionId: 'file.share' }),
    );
    expect(message.thread_ts).toBeUndefined();
    expect(message.text).toContain(`Invoice *${number}*`);
  });

  it('explains that it can’t share the file when the app isn’t in the channel', async () => {
    const number = invoice.number ?? '';
    const answer = await ask('U0VIEWER', `/billing invoice ${number} download`);
    product.workspace.faults.next({ method: 'files.completeUploadExternal', kind: 'error', error: 'not_in_channel' });
    await oneMore(direct(), `${number}.pdf`, () => as('U0VIEWER').click({ message: answer, actionId: 'file.share' }));
    await as('U0VIEWER').waitFor(() =>
      as('U0VIEWER')
        .ephemerals(FINANCE)
        .some((message) => said(message).includes('can’t post in')),
    );
  });

  it('says what to do when Slack doesn’t accept the file', async () => {
    product.workspace.faults.next({
      method: 'files.completeUploadExternal',
      kind: 'error',
      error: 'storage_limit_reached',
    });
    const answer = said(await ask('U0VIEWER', `/billing invoice ${invoice.number} download`));
    expect(answer).toContain('Slack rejected the file');
    expect(answer).toContain('files:write');
  });

  it('refuses an unknown format, an unknown or missing invoice, and outsiders', async () => {
    expect(said(await ask('U0VIEWER', `/billing invoice ${invoice.number} download docx`))).toContain('pdf');
    expect(said(await ask('U0VIEWER', '/billing invoice ACME-99 download'))).toContain('There is no invoice');
    expect(said(await ask('U0VIEWER', '/billing invoice download'))).toContain('Enter an invoice number');
    expect(said(await ask('U0STRANGER', `/billing invoice ${invoice.number} download`))).not.toContain('EUR');
  });

  it('says in plain words what an electronic invoice lacks', async () => {
    await Invoices.updateOne({ _id: invoice._id }, { $set: { 'snapshot.buyer.countryCode': '' } });
    const answer = said(await ask('U0VIEWER', `/billing invoice ${invoice.number} download xml`));
    expect(answer).toContain('The buyer has no country');
    await Invoices.updateOne({ _id: invoice._id }, { $set: { 'snapshot.buyer.countryCode': 'DE' } });
  });
});

describe('the download buttons', () => {
  const news = () => {
    const found = as('U0VIEWER')
      .messages(FINANCE)
      .find((message) => message.text.startsWith(`Invoice ${invoice.number}`) && message.blocks);
    if (!found) throw new Error('no message');
    return found;
  };

  it('in the channel’s message send the PDF to the person, who can share it in the thread', async () => {
    expect(checkBlocks('message', news().blocks ?? [])).toEqual([]);
    const before = as('U0VIEWER').ephemerals(FINANCE).length;
    await oneMore(direct(), `${invoice.number}.pdf`, () =>
      as('U0VIEWER').click({ message: news(), actionId: 'invoice.pdf' }),
    );
    await as('U0VIEWER').waitFor(() => as('U0VIEWER').ephemerals(FINANCE).length > before);
    const answer = as('U0VIEWER').ephemerals(FINANCE).at(-1) as Message;
    const file = await oneMore(FINANCE, `${invoice.number}.pdf`, () =>
      as('U0VIEWER').click({ message: answer, actionId: 'file.share' }),
    );
    expect(file.thread_ts).toBe(news().ts);
  });

  it('send one file for a click that Slack delivers twice', async () => {
    const name = `${invoice.number}.pdf`;
    const before = filesIn(direct(), name).length;
    const click = {
      type: 'block_actions',
      trigger_id: 'the.same.trigger',
      channel: { id: FINANCE, name: 'finance' },
      container: { type: 'message', message_ts: news().ts, channel_id: FINANCE, is_ephemeral: false },
      message: { type: 'message', ts: news().ts, text: 'x' },
      actions: [
        {
          ...{ type: 'button', block_id: 'b', action_ts: '1.1', action_id: 'invoice.pdf' },
          value: JSON.stringify({ account: accountId, invoice: invoice._id }),
        },
      ],
    };
    const target = { url: product.url, secret: product.signingSecret };
    const send = () => sendInteraction(target, click, { user: 'U0VIEWER', team: TEAM_ID, channel: FINANCE });
    expect((await Promise.all([send(), send(), send()])).map(({ status }) => status)).toEqual([200, 200, 200]);
    await as('U0VIEWER').waitFor(() => filesIn(direct(), name).length > before);
    await send();
    // something requested later has arrived, so effects of the others would have too
    await oneMore(direct(), `${invoice.number}.json`, () =>
      as('U0VIEWER').command(FINANCE, `/billing invoice ${invoice.number} download json`),
    );
    expect(filesIn(direct(), name)).toHaveLength(before + 1);
  });

  it('in the invoice’s modal send each format by direct message, and say so', async () => {
    for (const [actionId, value, ending] of [
      ['invoice.pdf', undefined, 'pdf'],
      ['invoice.csv', undefined, 'csv'],
      ['invoice.forms', 'JSON', 'json'],
      ['invoice.forms', 'Electronic invoice (XML)', 'xml'],
    ] as const) {
      await open('U0VIEWER', `/billing invoice ${invoice.number}`, 'Why these figures');
      const chosen = value && `${ending} ${accountId} ${invoice._id}`;
      const file = await oneMore(direct(), `${invoice.number}.${ending}`, () =>
        clickFor('U0VIEWER', actionId, 'was sent to you in a direct message', chosen),
      );
      expect((await bytesOf(file))?.length).toBeGreaterThan(100);
    }
  });

  it('send an estimate’s lines as CSV and a preview, and no other format', async () => {
    await refreshEstimates(ctx);
    const group = await Groups.findOne({ accountId }).orFail().lean();
    const estimate = await Invoices.findOne({ billingGroupId: group._id, state: 'estimate' }).orFail().lean();
    await open('U0VIEWER', '/billing group "default billing group"', 'All costs so far');
    const view = await clickFor(
      'U0VIEWER',
      'invoice.view',
      'No costs in this period',
      JSON.stringify({ account: accountId, invoice: estimate._id }),
    );
    expect(said(view)).not.toContain('invoice.pdf');
    const file = await oneMore(direct(), `estimate-${estimate.period}.csv`, () =>
      clickFor('U0VIEWER', 'invoice.csv', 'was sent to you in a direct message'),
    );
    expect(file.text).toContain('Estimate of');
    expect(parse(String(await bytesOf(file)), { columns: true, bom: true })).toEqual([]);
    await modalSaying('U0VIEWER', 'was sent');
  });

  it('say in the modal why Slack rejected the file', async () => {
    await open('U0VIEWER', `/billing invoice ${invoice.number}`, 'Why these figures');
    product.workspace.faults.next({
      method: 'files.completeUploadExternal',
      kind: 'error',
      error: 'storage_limit_reached',
    });
    await clickFor('U0VIEWER', 'invoice.pdf', 'Slack rejected the file');
  });
});

describe('a preview', () => {
  const name = () => as('U0OWNER');
  const previewed = async (message: Message) => readPdf((await bytesOf(message)) ?? Buffer.alloc(0));

  beforeAll(async () => {
    // pending, in an open month
    await importCosts(ctx, accountId, [costRow('12.34', { day: '2026-11-01' })], 'november.csv');
  });

  it('of the next invoice opens with its lines, by command and from the group’s invoices', async () => {
    const view = said(await open('U0VIEWER', '/billing preview', 'Estimate'));
    for (const words of ['EUR 12.34', 'November 2026', 'Preview as PDF']) expect(view).toContain(words);
    await open('U0VIEWER', '/billing group "default billing group"', 'Overview');
    await clickFor('U0VIEWER', 'group.tab.invoices', 'Preview the next invoice');
    await clickFor('U0VIEWER', 'preview.open', 'Preview as PDF');
    const file = await oneMore(direct(), previewName(), () =>
      clickFor('U0VIEWER', 'invoice.preview', 'was sent to you in a direct message'),
    );
    expect(file.text).toContain('not an invoice');
  });

  it('as PDF says on every page that it isn’t an invoice, and has no number or payment details', async () => {
    const message = await oneMore(directOf('U0OWNER'), previewName(), () =>
      name().command(FINANCE, '/billing preview default 2026-11 pdf'),
    );
    const { pages, text, info } = await previewed(message);
    for (const page of pages) expect(page.text).toContain('PREVIEW – not an invoice');
    for (const words of ['14.68', 'As of', '2 November 2026', 'Don’t pay it', 'Zolta GmbH'])
      expect(text).toContain(words);
    for (const words of ['IBAN', 'Number', 'Scan to pay', 'ACME-']) expect(text).not.toContain(words);
    expect(info.Title).toBe('PREVIEW – not an invoice');
    expect(await Invoices.countDocuments({ accountId, number: { $exists: true } })).toBe(1);
  });

  it('says why it would be held back', async () => {
    await Groups.updateMany({ accountId }, { $set: { currency: 'USD' } });
    const message = await oneMore(directOf('U0OWNER'), previewName(), () =>
      name().command(FINANCE, '/billing preview pdf'),
    );
    expect((await previewed(message)).text.replace(/\s/g, '')).toContain('NoexchangeratetoconvertEURintoUSD.');
    await Groups.updateMany({ accountId }, { $set: { currency: 'EUR' } });
  });

  it('of an issued month is the invoice itself', async () => {
    await open('U0VIEWER', '/billing preview default 2026-10', invoice.number ?? '');
    await oneMore(directOf('U0OWNER'), `${invoice.number}.pdf`, () =>
      name().command(FINANCE, '/billing preview default Oct 2026 pdf'),
    );
  });

  it('is refused for a future month, a month before the group, an unknown group, and for outsiders', async () => {
    await open('U0VIEWER', '/billing preview default 2026-12', 'December 2026 hasn’t started yet');
    await open('U0VIEWER', '/billing preview default 2026-01', 'has no invoice for January 2026');
    await open('U0VIEWER', '/billing preview nobody', 'no billing group named');
    await as('U0STRANGER').command(FINANCE, '/billing preview');
    expect(said(await modalSaying('U0STRANGER', 'U0OWNER'))).not.toContain('EUR');
  });

  const previewName = () => 'preview-Default-billing-group-for-project-web-shop-2026-11-as-of-2026-11-02.pdf';
});

describe('a credit memo', () => {
  it('can be downloaded by its number and by its button', async () => {
    const memo = await createMemo(ctx, { accountId, invoiceId: invoice._id, reason: 'Billed twice' });
    const file = await oneMore(direct(), `${memo.number}.pdf`, () =>
      ask('U0VIEWER', `/billing invoice ${memo.number} download`),
    );
    expect(file.text).toContain(`Credit memo *${memo.number}*`);
    expect((await readPdf((await bytesOf(file)) ?? Buffer.alloc(0))).text).toContain('Billed twice');
  });
});
