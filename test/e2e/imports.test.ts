import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../src/local/workspace/index.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { Imports } from '../../src/store/costs/imports.ts';
import { countingRecords } from '../../src/store/costs/loads.ts';
import { Events } from '../../src/store/events/events.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createCurrentAcme } from '../support/acme.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';
import { sendEvent } from '../support/slack/signed.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';
const OWNER = 'U0OWNER';

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let account = '';
const { as } = driving(() => product);

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());
beforeEach(async () => {
  account = await anotherAccount();
});

let made = 0;
function anotherAccount(): Promise<string> {
  made += 1;
  return createCurrentAcme(ctx, `Acme ${made}`);
}

function csv(...costs: readonly (readonly [project: string, cost: string])[]): string {
  const rows = costs.map(
    ([project, cost]) => `b1,EUR,2026-10-01,${cost},Usage,2026-10-10 00:00:00,2026-10-10 01:00:00,Compute,${project}`,
  );
  return `${[HEAD, ...rows].join('\n')}\n`;
}

/** The total of an account's active costs. */
async function costs(accountId: string): Promise<string> {
  const records = await Costs.find({ accountId, ...(await countingRecords(accountId)) }).lean();
  return records.reduce((sum, { amount }) => fromDecimal128(amount).plus(sum).toFixed(), '0');
}

const offers = (name: string) =>
  as(OWNER)
    .ephemerals(FINANCE)
    .filter(({ text }) => text.startsWith(`Import ${name}`));

async function offerOf(name: string): Promise<Message> {
  const offer = await as(OWNER).waitFor(() => offers(name).at(-1));
  expect(checkBlocks('message', offer.blocks ?? [])).toEqual([]);
  return offer;
}

async function dropped(name: string, bytes: string, actionId: 'import.add' | 'import.replace'): Promise<Message> {
  await as(OWNER).upload(FINANCE, name, bytes);
  const offer = await offerOf(name);
  await click(offer, actionId);
  return offer;
}

/** Clicks a button of an offer, and imports. */
async function click(message: Message, actionId: string): Promise<void> {
  const before = await Events.countDocuments({ type: 'import_queued' });
  await as(OWNER).click({ message, actionId });
  await eventually(async () => (await Events.countDocuments({ type: 'import_queued' })) > before);
  await product.settle();
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 400; look++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It never came to be');
}

const channel = () => as(OWNER).messages(FINANCE);
const question = () => channel().findLast((message) => said(message).includes('import.confirm'));

let shared = 0;
/** Shares the file of an offer again. */
async function shareAgain(offer: Message): Promise<void> {
  const [, file] = /\\"file\\":\\"(F[0-9A-Z]+)/.exec(JSON.stringify(offer)) ?? [];
  shared += 1;
  const event = { type: 'file_shared', file_id: file, user_id: OWNER, channel_id: FINANCE, event_ts: `2.${shared}` };
  const options = { team: TEAM_ID, eventId: `EvAgain${shared}` };
  await sendEvent({ url: product.url, secret: product.signingSecret }, event, options);
}

describe('a file that is imported more than once', () => {
  it('is imported into a second account, with a report for each', async () => {
    const first = account;
    const offer = await dropped('costs.csv', csv(['p1', '5']), 'import.add');
    const second = await anotherAccount();
    await shareAgain(offer);
    await as(OWNER).waitFor(() => offers('costs.csv').find(({ text }) => text.includes(`Acme ${made}`)));
    await click((await offerOf('costs.csv')) as Message, 'import.add');
    expect([await costs(first), await costs(second)]).toEqual(['5', '5']);
    expect(channel().filter(({ text }) => text.startsWith('Imported costs.csv'))).toHaveLength(2);
  });

  it('is offered once when Slack sends the event twice', async () => {
    const [file] = await as(OWNER).uploadTogether(FINANCE, [{ name: 'twice.csv', bytes: csv(['p1', '5']) }]);
    await offerOf('twice.csv');
    const ts = channel().find((message) => message.files?.some(({ id }) => id === file?.id))?.ts;
    const event = { type: 'file_shared', file_id: file?.id, user_id: OWNER, channel_id: FINANCE, event_ts: ts };
    await sendEvent({ url: product.url, secret: product.signingSecret }, event, { team: TEAM_ID });
    // an effect of the event would have come before another file's offer
    await as(OWNER).upload(FINANCE, 'after.csv', csv(['p1', '5']));
    await offerOf('after.csv');
    expect(offers('twice.csv')).toHaveLength(1);
  });

  it.each(['chat.postEphemeral', 'files.info', 'download'])(
    'is still offered once when %s has failed',
    async (method) => {
      const name = `late-${method.replace('.', '-')}.csv`.toLowerCase();
      product.workspace.faults.next({ method, kind: '500', times: 1 });
      await as(OWNER).upload(FINANCE, name, csv(['p1', '5']));
      await product.quiet();
      expect(offers(name)).toHaveLength(0);
      await product.settle();
      expect(offers(name)).toHaveLength(1);
      await product.settle();
      expect(offers(name)).toHaveLength(1);
      await click((await offerOf(name)) as Message, 'import.add');
      expect(await costs(account)).toBe('5');
    },
  );

  it('is imported again when it is shared again, with a report each time', async () => {
    const first = await dropped('may.csv', csv(['p1', '100']), 'import.replace');
    await dropped('may-new.csv', csv(['p1', '90']), 'import.replace');
    await confirm('import.confirm');
    expect(await costs(account)).toBe('90');
    await shareAgain(first);
    await click(await offerOf('may.csv'), 'import.replace');
    await confirm('import.confirm');
    expect(await costs(account)).toBe('100');
    expect(channel().filter(({ text }) => text.startsWith('Imported may.csv'))).toHaveLength(2);
  });
});

/** Clicks a button of the latest question, and waits for the report. */
async function confirm(actionId: string): Promise<void> {
  const message = question();
  if (!message) throw new Error('nothing is asked');
  expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
  await as(OWNER).click({ message, actionId });
  await as(OWNER).waitFor(() => !channel().some((one) => one.ts === message.ts && said(one).includes(actionId)));
  await product.settle();
}

describe('a replacement', () => {
  it('shows its changes first, asks twice about a large decrease, and can be undone', async () => {
    await dropped('june.csv', csv(['small', '10'], ['large', '100']), 'import.add');
    await dropped('june-new.csv', csv(['small', '11'], ['large', '1']), 'import.replace');
    expect(await costs(account)).toBe('110');
    const asked = said(question() as Message);
    expect(asked.indexOf('large: EUR 100')).toBeLessThan(asked.indexOf('small: EUR 10'));
    expect(asked).toContain('would fall from EUR 110.00 to EUR 12.00');
    expect(asked).toContain('Replace costs anyway?');
    await confirm('import.confirm');
    expect(await costs(account)).toBe('12');
    const report = channel().findLast(({ text }) => text.startsWith('Imported june-new.csv')) as Message;
    expect(checkBlocks('message', report.blocks ?? [])).toEqual([]);
    await as(OWNER).click({ message: report, actionId: 'import.undo' });
    await eventually(async () => (await costs(account)) === '110');
    await as(OWNER).waitFor(() => channel().find(({ text }) => text.includes('undid the replacement')));
  });

  it('can be canceled', async () => {
    await dropped('july.csv', csv(['p1', '10']), 'import.add');
    await dropped('july-new.csv', csv(['p1', '11']), 'import.replace');
    expect(said(question() as Message)).not.toContain('Replace costs anyway?');
    await confirm('import.cancel');
    expect(await costs(account)).toBe('10');
  });
});

it('the cost files in one message are offered and imported together', async () => {
  const parts = ['part-1.csv', 'part-2.csv'].map((name) => ({ name, bytes: csv(['p1', '5']) }));
  await as(OWNER).uploadTogether(FINANCE, parts);
  const offer = await offerOf('part-1.csv, part-2.csv');
  // a second offer would have come before another file's offer
  await as(OWNER).upload(FINANCE, 'later.csv', csv(['p1', '5']));
  await offerOf('later.csv');
  expect(offers('part-')).toHaveLength(1);
  await click(offer, 'import.add');
  expect(await costs(account)).toBe('10');
});

it('a deleted file ends only its own import, with the reason', async () => {
  await as(OWNER).upload(FINANCE, 'gone.csv', csv(['p1', '5']));
  const offer = await offerOf('gone.csv');
  const before = await Events.countDocuments({ accountId: account, type: 'import_started' });
  await as(OWNER).click({ message: offer, actionId: 'import.add' });
  await eventually(async () => (await Imports.countDocuments({ accountId: account })) === 1);
  await Imports.updateOne({ accountId: account }, { $set: { 'slack.fileId': 'F0GONE' } });
  await dropped('there.csv', csv(['p2', '7']), 'import.add');
  for (const _ of [1, 2, 3]) await product.settle();
  expect(await costs(account)).toBe('7');
  expect(channel().filter(({ text }) => text.startsWith('gone.csv was not imported'))).toHaveLength(1);
  expect(await Events.countDocuments({ accountId: account, type: 'import_started' })).toBe(before + 1);
});
