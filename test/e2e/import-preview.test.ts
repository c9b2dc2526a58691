import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../src/local/workspace/index.ts';
import { setMember } from '../../src/services/access/members.ts';
import { chooseAccountById } from '../../src/services/accounts/accounts.ts';
import { Costs, Loads } from '../../src/store/costs/costs.ts';
import { Imports } from '../../src/store/costs/imports.ts';
import { Projects } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { createCurrentAcme } from '../support/acme.ts';
import { camt } from '../support/bank.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../support/product.ts';
import { driving, said } from '../support/slack/driving.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName';
const OWNER = 'U0OWNER';
/** A file of exchange rates, as the European Central Bank publishes them. */
const ECB = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time="2026-10-19"><Cube currency="USD" rate="1.0840"/></Cube></Cube></gesmes:Envelope>`;

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';
const { as } = driving(() => product);

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());
let made = 0;
beforeEach(async () => {
  made += 1;
  accountId = await createCurrentAcme(ctx, `Acme ${made}`);
});

const NO_PROJECT = { label: null, createdAt: new Date('2026-01-01') };
const line = (project: string, cost: string, month = '2026-10') =>
  `b1,EUR,${month}-01,${cost},Usage,${month}-10 00:00:00,${month}-10 01:00:00,Compute,${project},Team ${project}`;
const csv = (...lines: readonly string[]) => `${[HEAD, ...lines].join('\n')}\n`;

/** Drops a file, and returns the latest private message about it. */
async function answerTo(name: string, bytes: Buffer | string, user = OWNER): Promise<Message> {
  const about = () =>
    as(user)
      .ephemerals(FINANCE)
      .filter(({ text }) => text.includes(name));
  await as(user).upload(FINANCE, name, bytes);
  await as(user).waitFor(() => about().length > 0);
  await product.quiet();
  const answer = about().at(-1) as Message;
  expect(checkBlocks('message', answer.blocks ?? [])).toEqual([]);
  return answer;
}

async function imported(offer: Message, actionId = 'import.add'): Promise<void> {
  await as(OWNER).click({ message: offer, actionId });
  await as(OWNER).waitFor(() => as(OWNER).ephemerals(FINANCE).length > 0);
  await product.quiet();
  await product.settle();
}

describe('the offer to import a file', () => {
  it('shows months, new projects, who pays and rejected rows, and stores nothing', async () => {
    const offer = said(
      await answerTo('first.csv', csv(line('p1', '62.5'), line('p2', '10', '2026-09'), line('p1', 'free'))),
    );
    expect(offer).toContain('3 rows: 2 new, 0 already imported, 1 rejected');
    expect(offer).toContain('September 2026: EUR 10.00 in this file, nothing imported from this source yet');
    expect(offer).toContain('October 2026: EUR 62.50 in this file, nothing imported from this source yet');
    expect(offer).toContain('*2 new projects*\\nTeam p1 (p1)\\nTeam p2 (p2)');
    expect(offer).toContain('A new billing group: EUR 72.50');
    expect(offer).toContain('Line 4, `BilledCost`: The amount isn’t a number.');
    expect(offer).toContain('import.replace');
    const of = { accountId };
    const stored = [Costs, Loads, Projects, Imports].map((model) => model.countDocuments(of as never));
    expect(await Promise.all(stored)).toEqual([0, 0, 0, 0]);
  });

  it('shows what is already there, and who pays', async () => {
    await imported(await answerTo('before.csv', csv(line('p1', '40'), line('p1', '40'))));
    const offer = said(
      await answerTo('after.csv', csv(line('p1', '40'), line('p1', '40'), line('p1', '40'), line('p1', '2'))),
    );
    expect(offer).toContain('4 rows: 2 new, 2 already imported, 0 rejected');
    expect(offer).toContain(
      'October 2026: EUR 122.00 in this file, EUR 80.00 already imported from this source. *Import* brings it to EUR 122.00, *Replace earlier costs* to EUR 122.00.',
    );
    expect(offer).toContain('Default billing group for project p1: EUR 42.00');
    expect(offer).not.toContain('new project');
  });

  it('names a new project as the import will, if another project has its name', async () => {
    await Projects.insertMany([
      {
        ...NO_PROJECT,
        _id: `prj_${made}`,
        accountId,
        name: 'p1',
        nameKey: 'p1',
        externalId: 'other',
        externalKey: 'other',
      },
    ]);
    const offer = await answerTo('taken.csv', csv(line('p1', '1')));
    await imported(offer);
    const { name } = await Projects.findOne({ accountId, externalId: 'p1' }).orFail().lean();
    expect(name).toMatch(/^p1-/);
    expect(said(offer)).toContain(`*1 new project*\\nTeam p1 (${name})`);
  });

  it('says so when every row was imported before', async () => {
    const text = csv(line('p1', '40'));
    await imported(await answerTo('once.csv', text));
    const offer = said(await answerTo('again.csv', text));
    expect(offer).toContain('1 row: 0 new, 1 already imported, 0 rejected');
    expect(offer).toContain('Importing this file again would change nothing.');
  });

  it('has no import button when no row can be imported', async () => {
    const answer = said(await answerTo('none.csv', csv(line('p1', 'free'), line('####', '1'))));
    expect(answer).toContain('There are no rows to import in none.csv.');
    expect(answer).toContain('Line 3, `SubAccountId`');
    expect(answer).not.toContain('import.add');
  });

  it('isn’t made for a file that can’t be read further down; the reason is told', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => line('p1', `${at}.5`));
    const text = csv(...many, 'b1,"EUR"x,', line('p1', '1'));
    expect(said(await answerTo('quote.csv', text))).toContain('1 rejected');
    const bytes = Buffer.concat([Buffer.from(csv(...many)), Buffer.from([0x4d, 0xfc, 0x6e, 0x0a])]);
    const answer = said(await answerTo('latin.csv', bytes));
    expect(answer).toContain('latin.csv can’t be imported. The file isn’t in UTF-8: line 1002');
    expect(answer).not.toContain('import.add');
  });

  it('is announced first for a large file', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `${line('p1', `${at}.5`)}${' '.repeat(9000)}`);
    const offer = await answerTo('large.csv', csv(...many));
    const messages = as(OWNER)
      .ephemerals(FINANCE)
      .filter(({ text }) => text.includes('large.csv'));
    expect(messages.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Account: \*Acme \d+\*\nReading large\.csv \(8\.\d MB\), which takes a moment\./),
      expect.stringContaining('Import large.csv'),
    ]);
    expect(said(offer)).toContain('1000 rows: 1000 new');
  }, 60_000);

  it.each([
    ['costs', 'costs.csv', csv(line('p1', '40')), 'import.add'],
    ['exchange rates', 'rates.xml', ECB, 'import.rates'],
    ['a bank statement', 'bank.xml', camt([{ amount: '40.00', purpose: 'ACME-1' }]), 'bank.read'],
    ['a bank statement in CSV', 'bank.csv', 'Date,Reference,Amount\n2026-10-13,Rest,40.00\n', 'bank.map.open'],
  ])('of %s goes only to people who may import', async (_what, name, file, button) => {
    await setMember(ctx, accountId, 'U0VIEWER', 'viewer');
    await chooseAccountById(TEAM_ID, 'U0VIEWER', accountId);
    const before = as('U0VIEWER').ephemerals(FINANCE).length;
    await as('U0VIEWER').upload(FINANCE, name, file);
    await as('U0VIEWER').waitFor(() => as('U0VIEWER').ephemerals(FINANCE).length > before);
    await product.quiet();
    const answers = as('U0VIEWER').ephemerals(FINANCE).slice(before).map(said).join();
    expect(answers).toContain('owner or billing admin');
    expect(answers).not.toContain(button);
    expect(answers).not.toContain('EUR 40');
    expect(said(await answerTo(name, file))).toContain(button);
  });
});
