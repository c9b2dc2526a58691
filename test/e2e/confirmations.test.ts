import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period/period.ts';
import type { View } from '../../src/local/workspace/index.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { recordPayment } from '../../src/services/settlement/payments.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { CONFIRMATION, driving, said } from '../support/slack/driving.ts';
import { clickInView, sendInteraction, viewPayload } from '../support/slack/signed.ts';

useDatabase(migrate);

const OWNER = 'U0OWNER';
const AMBIGUOUS = 'Do you mean 1000.00 or 1.00?';
const clock = new TestClock('2026-11-05T12:00:00Z');
const ctx = contextAt(clock);
const { as, open, clickFor, submitFor, modalSaying } = driving(() => product);
let product: Product;
let accountId = '';
let group = { _id: '', accountId: '', name: '' };
let number = '';

beforeAll(async () => {
  product = await startProduct(clock, { repeats: 3 });
  const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: FINANCE };
  accountId = (await createAccount(ctx, { teamId: TEAM_ID, userId: OWNER }, input))._id;
  const file = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, costRow('5000')].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: file });
  group = await Groups.findOne({ accountId }).orFail().lean();
  await closeInvoice(ctx, group, toPeriod('2026-10'));
  const invoice = await Invoices.findOne({ accountId, period: toPeriod('2026-10') })
    .orFail()
    .lean();
  number = invoice.number ?? '';
});
afterAll(() => product.stop());

/** The number of events by type, once all requests are done. */
async function counts(): Promise<Record<string, number>> {
  await product.quiet();
  const sums: Record<string, number> = {};
  for (const { type } of await Events.find({ accountId }, { type: 1 }).lean()) sums[type] = (sums[type] ?? 0) + 1;
  return sums;
}

/** What has been added to the log since, by type. */
async function addedSince(before: Record<string, number>): Promise<Record<string, number>> {
  const differences = Object.entries(await counts()).map(([type, sum]) => [type, sum - (before[type] ?? 0)] as const);
  return Object.fromEntries(differences.filter(([, sum]) => sum > 0));
}

function top(): View {
  const view = as(OWNER).openedView();
  if (!view) throw new Error('no modal is open');
  return view;
}

/** Opens the form of a discount, a charge or a commitment, with a group to choose. */
async function adjustment(command: string, words: string): Promise<Record<string, string>> {
  await open(OWNER, `/billing ${command}`, 'There is no');
  await clickFor(OWNER, 'adjustment.add', words);
  await as(OWNER).suggest({ actionId: 'adjustment.create.group' }, group.name.slice(0, 7));
  return { 'adjustment.create.group': group._id, description: 'Agreed' };
}

interface Case {
  readonly name: string;
  readonly callback: string;
  /** The field of the amount. */
  readonly amount: string;
  /** The form's text. */
  readonly form: string;
  /** Opens it. @returns the other values to type */
  readonly open: () => Promise<Record<string, string>>;
  readonly confirmation: string;
  readonly submit: string;
  readonly result: string;
  readonly event: string;
}

const CASES: readonly Case[] = [
  {
    ...{ name: 'a payment', callback: 'invoice.pay', amount: 'amount', form: 'Received on' },
    async open() {
      await open(OWNER, `/billing invoice ${number} paid`, 'is left to pay');
      return { reference: 'first <one>' };
    },
    confirmation:
      'record a payment of *EUR 1,000.00* for invoice *ACME-1*, received on 5 November 2026. *EUR 4,000.00* will be left to pay on the invoice.\\nReference: first &lt;one&gt;',
    ...{ submit: 'Record payment', result: 'Recorded EUR 1,000.00', event: 'payment_recorded' },
  },
  {
    ...{ name: 'a credit memo', callback: 'invoice.memo', amount: 'line:1', form: 'It corrects invoice' },
    async open() {
      await open(OWNER, `/billing invoice ${number} memo`, 'It corrects invoice');
      return { reason: 'Outage', scope: 'parts' };
    },
    confirmation:
      'issue a credit memo of *EUR 1,000.00* including tax for invoice *ACME-1*.\\nEUR 1,000.00 deducted from the amount due.',
    ...{ submit: 'Issue credit memo', result: 'EUR 1,000.00 including tax', event: 'credit_memo_issued' },
  },
  {
    ...{ name: 'an extra charge', callback: 'adjustment.create', amount: 'value', form: 'Frequency' },
    open: () => adjustment('charge', 'Frequency'),
    confirmation: 'add an extra charge to *',
    ...{ submit: 'Add extra charge', result: 'Agreed, EUR 1,000.00', event: 'charge_created' },
  },
  {
    ...{ name: 'a commitment', callback: 'adjustment.create', amount: 'value', form: 'Minimum a month' },
    open: () => adjustment('commitment', 'Minimum a month'),
    confirmation: 'Agreed, EUR 1,000.00 a month',
    ...{ submit: 'Add commitment', result: 'Agreed, EUR 1,000.00 a month', event: 'commitment_created' },
  },
  {
    ...{ name: 'a discount', callback: 'adjustment.create', amount: 'value', form: 'A percentage, such as' },
    open: () => adjustment('discount', 'Description'),
    confirmation: 'Agreed, EUR 1,000.00 on all costs',
    ...{ submit: 'Add discount', result: 'Agreed, EUR 1,000.00 on all costs', event: 'discount_created' },
  },
  {
    ...{ name: 'a budget', callback: 'budget.form', amount: 'amount', form: 'Warn at (percent)' },
    async open() {
      await open(OWNER, '/billing budget', 'No budgets yet');
      await clickFor(OWNER, 'budget.form.open', 'Warn at (percent)');
      await as(OWNER).suggest({ actionId: 'budget.form.group' }, group.name.slice(0, 7));
      return { 'budget.form.group': group._id };
    },
    confirmation: 'to *EUR 1,000.00* a month. Warnings will be sent at 50, 80, 100%.',
    ...{ submit: 'Set budget', result: 'of EUR 1,000.00', event: 'budget_set' },
  },
  {
    ...{ name: 'a credit campaign', callback: 'credit.campaign', amount: 'value', form: 'Value per claim' },
    async open() {
      await open(OWNER, '/billing credit create', 'Value per claim');
      return { name: 'Spring', codes: '3', claimsPerCode: '2' };
    },
    confirmation:
      'create credit campaign *Spring* with 3 codes worth *EUR 1,000.00* each. Up to 6 claims in total, worth *EUR 6,000.00*.',
    ...{
      submit: 'Create campaign',
      result: 'Created credit campaign *Spring* with 3 codes worth *EUR 1,000.00* each.',
      event: 'credit_campaign_created',
    },
  },
];

describe('a typed amount', () => {
  it.each(CASES)('is shown, can be changed, and is used once it is confirmed: $name', async (form) => {
    const typed = await form.open();
    const { id } = top();
    const depth = as(OWNER).views().length;
    const before = await counts();
    await submitFor(OWNER, { ...typed, [form.amount]: '1,000' }, AMBIGUOUS);
    await submitFor(OWNER, { ...typed, [form.amount]: '1.000,00' }, CONFIRMATION);
    await product.quiet();
    const confirmation = await modalSaying(OWNER, CONFIRMATION);
    expect(said(confirmation)).toContain(form.confirmation);
    expect(said(confirmation)).toContain('EUR 1,000.00');
    expect(confirmation.submit?.text).toBe(form.submit);
    expect([confirmation.id, as(OWNER).views().length]).toEqual([id, depth]);
    expect(await addedSince(before)).toEqual({});
    const again = said(await clickFor(OWNER, `${form.callback}.back`, form.form));
    expect(again).toContain('"initial_value":"1.000,00"');
    for (const value of Object.values(typed)) expect(again).toContain(value);
    await submitFor(OWNER, {}, CONFIRMATION);
    expect(await addedSince(before)).toEqual({});
    await submitFor(OWNER, {}, form.result);
    expect(await addedSince(before)).toEqual({ [form.event]: 1 });
    await modalSaying(OWNER, form.result);
  });
});

/** Sends a form's view as it was, with some fields typed, past the open modal. */
function sendForm(view: View, values: Readonly<Record<string, string>> = {}): Promise<Response> {
  const state = structuredClone(view.state);
  for (const [block, value] of Object.entries(values)) {
    for (const element of Object.values(state.values[block] ?? {})) Object.assign(element, { value });
  }
  return send({ type: 'view_submission', trigger_id: 'trigger.x', view: { ...view, state } });
}

function sendBack(view: View): Promise<Response> {
  return send(clickInView({ action_id: `${view.callback_id}.back` }, { ...view }));
}

function send(payload: Record<string, unknown>): Promise<Response> {
  const target = { url: product.url, secret: product.signingSecret };
  return sendInteraction(target, payload, { user: OWNER, team: TEAM_ID });
}

describe('a form and its confirmation, in any order and number', () => {
  const VALUES = { name: 'Raced', value: '10' };
  const DONE = 'Created credit campaign *Raced*';

  /** The form of a campaign and its confirmation, which is shown. */
  async function confirming(): Promise<{ form: View; confirmation: View; before: Record<string, number> }> {
    const form = await open(OWNER, '/billing credit create', 'Value per claim');
    const before = await counts();
    await sendForm(form, VALUES);
    return { form, confirmation: await modalSaying(OWNER, CONFIRMATION), before };
  }

  it('make one change when all are sent at once, and again later', async () => {
    const { form, confirmation, before } = await confirming();
    const all = [form, confirmation, form, confirmation, confirmation];
    await Promise.all(all.map((view) => sendForm(view, VALUES)));
    expect(await addedSince(before)).toEqual({ credit_campaign_created: 1 });
    await sendForm(form, VALUES);
    await sendForm({ ...confirmation, hash: 'another' });
    expect(await addedSince(before)).toEqual({ credit_campaign_created: 1 });
    await modalSaying(OWNER, DONE);
  });

  it('make one change when the person goes back and confirms at once, even if the form is sent again', async () => {
    const { confirmation, before } = await confirming();
    await sendBack(confirmation);
    const again = await modalSaying(OWNER, 'Value per claim');
    await Promise.all([sendBack(confirmation), sendForm(confirmation)]);
    expect(await addedSince(before)).toEqual({ credit_campaign_created: 1 });
    await sendForm(again, { value: '20' });
    expect(await addedSince(before)).toEqual({ credit_campaign_created: 1 });
    await modalSaying(OWNER, DONE);
  });

  it('still show what was done to a person who goes back too late', async () => {
    const { confirmation } = await confirming();
    await sendForm(confirmation);
    await modalSaying(OWNER, DONE);
    await sendBack(confirmation);
    await product.quiet();
    expect(said(top())).toContain(DONE);
  });

  it('make one change each when the form is opened twice', async () => {
    const before = await counts();
    for (const _time of [1, 2]) {
      const { confirmation } = await confirming();
      await sendForm(confirmation);
      await modalSaying(OWNER, DONE);
    }
    expect(await addedSince(before)).toEqual({ credit_campaign_created: 2 });
  });
});

describe('a confirmation', () => {
  it('that comes too late shows the form again with the reason', async () => {
    await open(OWNER, `/billing invoice ${number} paid`, 'is left to pay');
    await submitFor(OWNER, { amount: '7.00' }, '*EUR 7.00*');
    const form = await clickFor(OWNER, 'invoice.pay.back', 'Received on');
    await submitFor(OWNER, {}, CONFIRMATION);
    const { more } = JSON.parse(form.private_metadata);
    await recordPayment(ctx, { accountId, invoiceId: more.invoice, amount: '7', date: '2026-11-05', reference: '' });
    const again = said(await submitFor(OWNER, {}, 'has already been recorded'));
    expect(again).toContain('"initial_value":"7.00"');
  });

  it.each([
    ['', 'an earlier version of the app'],
    ['{"account":"acc_x","typed":{"of":"an earlier version"}}', 'an earlier version of the app'],
  ])('that can’t be read says so: %s', async (metadata, words) => {
    for (const callback of new Set(CASES.map((form) => form.callback))) {
      const view = viewPayload({ callback_id: callback, private_metadata: metadata, id: 'V_OLD' });
      const answer = await send({ type: 'view_submission', trigger_id: 'trigger.old', view });
      expect(await answer.text()).toContain(words);
    }
  });

  it('that is longer than Slack stores is refused at the field, keeping everything typed', async () => {
    const form = await open(OWNER, `/billing invoice ${number} paid`, 'is left to pay');
    const before = await counts();
    const answer = await sendForm(form, { amount: '1', reference: 'x'.repeat(2_950) });
    expect(await answer.json()).toEqual({
      response_action: 'errors',
      errors: { reference: expect.stringMatching(/^This text is too long\. Shorten it by at least \d+ characters\.$/) },
    });
    expect(top().hash).toBe(form.hash);
    expect(await addedSince(before)).toEqual({});
  });
});
