import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { mappingForFile } from '../../../src/services/costs/mappings/cost-mappings.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { CostMappings } from '../../../src/store/costs/mappings/cost-mappings.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { GERMAN_BILL, windows1252 } from '../../imports/mapping/mapped-file.ts';
import { createCurrentAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { UNKNOWN_LAYOUTS } from '../../support/costs/dropped-files.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

const OWNER = 'U0OWNER';
const BILL = windows1252(`${GERMAN_BILL.join('\r\n')}\r\n;;;;1.231,56\r\n`);

useDatabase(migrate);

// before the month closes: an invoiced one can't be replaced
const clock = new TestClock('2026-10-31T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';
const { as, ask, open, modalSaying, submitFor, clickFor, errorsOf } = driving(() => product);

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());
let made = 0;
beforeEach(async () => {
  made += 1;
  accountId = await createCurrentAcme(ctx, `Acme ${made}`);
  await as(OWNER)
    .close(true)
    .catch(() => []);
});

/** Drops a file, and returns the latest private message about it. */
async function answerTo(name: string, bytes: Buffer | string): Promise<Message> {
  const about = () =>
    as(OWNER)
      .ephemerals(FINANCE)
      .filter(({ text }) => text.includes(name));
  const before = about().length;
  await as(OWNER).upload(FINANCE, name, bytes);
  await as(OWNER).waitFor(() => about().length > before);
  await product.quiet();
  const answer = about().at(-1) as Message;
  expect(checkBlocks('message', answer.blocks ?? [])).toEqual([]);
  return answer;
}

/** Clicks a button of an offer, and waits for the import. */
async function decided(name: string, message: Message, actionId: string): Promise<void> {
  await as(OWNER).click({ message, actionId });
  await as(OWNER).waitFor(() =>
    as(OWNER)
      .ephemerals(FINANCE)
      .some(({ text }) => text.includes(`${name} is being imported`)),
  );
  await product.quiet();
  await product.settle();
}

async function openForm(name: string, bytes: Buffer | string) {
  await as(OWNER).click({ message: await answerTo(name, bytes), actionId: 'costs.map.open' });
  return modalSaying(OWNER, 'Its first rows');
}

/** Maps the bill and imports it. */
async function mapped(name = `bill-${made}.csv`): Promise<void> {
  await openForm(name, BILL);
  await submitFor(OWNER, { name: 'Rechenzentrum' }, 'nothing has been stored yet');
  await submitFor(OWNER, {}, 'is being imported');
  await product.quiet();
  await product.settle();
}

const amounts = async () => (await Costs.find({ accountId }).lean()).map(({ amount }) => String(amount)).sort();

describe('a bill in an unknown layout', () => {
  it('is mapped in a form that shows its first rows and proposes its columns, tried, and only then stored', async () => {
    const form = said(await openForm('rechnung_2026-10.csv', BILL));
    expect(form).toContain('Datum     31.10.2026 | 01.10.2026 | 02.10.2026');
    expect(form).toContain('Währung   EUR | EUR | EUR');
    expect(form).toContain('"initial_value":"Rechnung"');
    for (const proposed of ['1.234,56', 'Day, month, year (31.10.2026)', 'Windows-1252 (Western European)'])
      expect(form).toContain(`"initial_option":{"text":{"type":"plain_text","text":"${proposed}`);
    const preview = said(await submitFor(OWNER, { name: 'Rechenzentrum' }, 'nothing has been stored yet'));
    expect(preview).toContain('5 rows: 4 new, 0 already imported, 1 rejected');
    expect(preview).toContain('*By project*\\nKäufer: EUR 1,233.56\\nShop: EUR -2.00');
    expect(preview).toContain('October 2026: EUR 1,231.56 in this file');
    expect(preview).toContain('Line 6, `Währung`: The row has no currency.');
    const stored = [Costs, CostMappings].map((model) => model.countDocuments({ accountId } as never));
    expect(await Promise.all(stored)).toEqual([0, 0]);
    // back and forth keeps what was typed
    const again = said(await clickFor(OWNER, 'costs.map.back', 'Its first rows'));
    expect(again).toContain('"initial_value":"Rechenzentrum"');
    await submitFor(OWNER, {}, 'nothing has been stored yet');
    await submitFor(OWNER, {}, 'is being imported');
    await product.quiet();
    await product.settle();
    expect(await amounts()).toEqual(
      ['-1', '-1.00', '-1.00', '1234.56'].map((one) => expect.stringContaining(one.slice(0, 2))),
    );
    const report = as(OWNER)
      .messages(FINANCE)
      .find(({ text }) => text.startsWith('Imported rechnung_2026-10.csv'));
    expect(report && said(report)).toContain('5 rows read, 4 new, 0 already imported, 1 rejected');
    expect(report && said(report)).toContain('Total: EUR 1,231.56');
    expect(await Events.findOne({ accountId, type: 'cost_mapping_saved' }).lean()).toMatchObject({
      actor: OWNER,
      description:
        'Saved the mapping “Rechenzentrum” for cost files with the columns Betrag, Währung, Datum, Projekt, Leistung',
    });
  });

  it('is recognized from then on, and importing it again changes nothing', async () => {
    await mapped();
    const before = await amounts();
    expect(before).toHaveLength(4);
    const offer = await answerTo('again.csv', BILL);
    expect(said(offer)).toContain('Importing this file again would change nothing.');
    expect(said(offer)).toContain('The file is read with the mapping “Rechenzentrum”. The amounts are from Betrag.');
    await decided('again.csv', offer, 'import.add');
    expect(await amounts()).toEqual(before);
    expect(await mappingForFile(accountId, BILL)).toMatchObject({ name: 'Rechenzentrum' });
    expect(await mappingForFile(accountId, Buffer.from('a;b\n1;2\n'))).toBeUndefined();
  });

  it.each(
    UNKNOWN_LAYOUTS.filter(({ name }) => /^bill\.(?:csv\.gz|parquet)$/.test(name)).map(
      (file) => [file.name, file] as const,
    ),
  )('in %s is mapped just as well, and recognized from then on', async (name, { bytes }) => {
    const form = said(await openForm(name, bytes));
    expect(form).toContain('Team      red | blue');
    await submitFor(OWNER, { name: 'Packed' }, 'nothing has been stored yet');
    await submitFor(OWNER, {}, 'is being imported');
    await product.quiet();
    await product.settle();
    expect(await amounts()).toEqual(['12.5', '7.25']);
    await as(OWNER).close(true);
    const again = said(await answerTo(`again-${name}`, bytes));
    expect(again).toContain('The file is read with the mapping “Packed”.');
    expect(again).toContain('Importing this file again would change nothing.');
    expect(again).toContain('Change columns');
  });

  it('replaces earlier costs of the same files for its billing month, once a person confirms', async () => {
    await mapped();
    const restated = BILL.toString('latin1').replace('1.234,56', '1.000,00');
    const offer = await answerTo('restated.csv', Buffer.from(restated, 'latin1'));
    await decided('restated.csv', offer, 'import.replace');
    const asked = as(OWNER)
      .messages(FINANCE)
      .find(({ text }) => text.includes('wants to replace costs with restated.csv'));
    // a row is rejected, so a person sees the difference by project first
    expect(asked && said(asked)).toContain('1 row was rejected, so the file may be incomplete');
    expect(asked && said(asked)).toContain('Käufer: EUR 1,233.56 (2 records) became EUR 999.00 (2 records)');
  });

  it('can have its columns changed; its costs keep their source', async () => {
    await mapped();
    const offer = await answerTo('changed.csv', BILL);
    await as(OWNER).click({ message: offer, actionId: 'costs.map.open' });
    await modalSaying(OWNER, 'Its first rows');
    await submitFor(OWNER, { name: 'Servers' }, 'nothing has been stored yet');
    await submitFor(OWNER, {}, 'is being imported');
    expect(await CostMappings.find({ accountId }).lean()).toMatchObject([{ name: 'Servers', source: 'Rechenzentrum' }]);
  });

  it('without dates is asked for its month, each time', async () => {
    const bytes = 'Project,Cost,Currency\np1,5.00,EUR\np2,7.50,EUR\n';
    await openForm('monthly.csv', bytes);
    expect(await errorsOf(OWNER, { name: 'Monthly' })).toEqual({
      month: 'Enter the month of these costs, such as 2026-10, or choose the column with the date.',
    });
    const preview = said(await submitFor(OWNER, { name: 'Monthly', month: '2026-10' }, 'nothing has been stored yet'));
    expect(preview).toContain('October 2026: EUR 12.50 in this file');
    await submitFor(OWNER, {}, 'is being imported');
    await product.quiet();
    await product.settle();
    expect(await amounts()).toHaveLength(2);
    await as(OWNER).close(true);
    const next = await answerTo('monthly-2.csv', bytes.replace('5.00', '6.00'));
    expect(said(next)).toContain('The mapping “Monthly” has no date column, so the month of this file isn’t known.');
    await as(OWNER).click({ message: next, actionId: 'costs.map.open' });
    await modalSaying(OWNER, 'Its first rows');
    expect(await errorsOf(OWNER, {})).toHaveProperty('month');
  });

  it('refuses choices that don’t fit, at their fields, and names that are taken', async () => {
    await mapped();
    const other = 'Day;Cost;Note\n03/04/2026;1,234;x\n';
    await openForm('other.csv', other);
    const errors = await errorsOf(OWNER, { name: 'rechenzentrum', numberFormat: '.,' });
    expect(errors).toEqual({ dateFormat: 'Choose how dates are written.' });
    const refused = await submitFor(
      OWNER,
      { name: 'rechenzentrum', numberFormat: '.,', dateFormat: 'dmy' },
      'A mapping named “Rechenzentrum” already exists',
    );
    expect(said(refused)).toContain('"initial_value":"rechenzentrum"');
  });
});

describe('mappings', () => {
  it('are listed, renamed and removed', async () => {
    await mapped();
    await as(OWNER).close(true);
    const list = await open(OWNER, '/billing mappings', '1 mapping');
    expect(said(list)).toContain(
      '*Rechenzentrum*\\n5 columns: amount from Betrag, currency from Währung, date from Datum',
    );
    await as(OWNER).click({ view: list, actionId: 'costs.mappings.rename.open' });
    await as(OWNER).waitForView('Rename mapping');
    await submitFor(OWNER, { name: 'Servers' }, '*Servers*');
    await as(OWNER).close(true);
    expect((await ask(OWNER, '/billing mappings rename servers to "Our servers"')).text).toContain('*Our servers*');
    expect((await ask(OWNER, '/billing mappings remove nothing')).text).toContain('There is no mapping “nothing”');
    expect((await ask(OWNER, '/billing mappings rename "our servers"')).text).toContain('old and the new name');
    expect((await ask(OWNER, '/billing mappings sort')).text).toContain('There is no mappings command “sort”');
    const again = await open(OWNER, '/billing mappings', '*Our servers*');
    await as(OWNER).click({ view: again, actionId: 'costs.mappings.remove' });
    await modalSaying(OWNER, 'No mappings yet.');
    expect(await Events.distinct('type', { accountId, type: /^cost_mapping/ })).toEqual([
      'cost_mapping_removed',
      'cost_mapping_renamed',
      'cost_mapping_saved',
    ]);
    expect(await amounts()).toHaveLength(4);
  });
});
