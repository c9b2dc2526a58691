import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '../../../src/billing/period/day.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-15T12:00:00Z');
const ctx = contextAt(clock);
const { as, ask } = driving(() => product);
let product: Product;

beforeAll(async () => {
  product = await startProduct(clock);
  const accountId = await createAcme(ctx, { members: ['U0VIEWER'], timeZone: 'Etc/UTC' });
  for (const name of ['Blue & <Co>', 'Team May', 'New']) {
    const { _id: billingGroupId } = await createGroup(ctx, { accountId, name });
    const { project } = await createProject(ctx, { accountId, name: `of-${name.slice(0, 4)}`, billingGroupId });
    const externalId = name.slice(0, 4).toLowerCase();
    await Projects.updateOne({ _id: project._id }, { $set: { externalId, externalKey: externalId } });
  }
  const rows: string[] = [];
  for (let day = '2026-08-01'; day <= '2026-11-14'; day = addDays(day, 1)) {
    const cost = day < '2026-10-01' ? '10.00' : '12.00';
    rows.push(costRow(cost, { project: 'blue', day }));
  }
  rows.push(costRow('5.50', { project: 'blue', day: '2026-10-05', service: 'Queue <x>' }));
  rows.push(costRow('1.00', { project: 'team', day: '2026-10-05' }));
  rows.push(costRow('1.00', { project: 'new', day: '2026-11-10' }));
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  await product.settle();
});
afterAll(() => product.stop());

describe('/billing compare', () => {
  it('shows what the change is made of, with its largest parts', async () => {
    const answer = said(await ask('U0VIEWER', '/billing compare "Blue & <Co>"'));
    expect(answer).toContain('October 2026 compared with September 2026 for Blue &amp; &lt;Co&gt;');
    expect(answer).toContain('EUR 377.50, up EUR 77.50 (25.8%) from EUR 300.00 in September 2026');
    expect(answer).toContain('EUR +72.00 · Usage and prices');
    expect(answer).toContain('EUR +5.50 · New services');
    expect(answer).toContain('EUR +5.50 · of-Blue: Queue &lt;x&gt;, new service');
    expect(answer).toContain('Before tax and purchased credits.');
  });

  it('opens a project’s costs', async () => {
    const message = await ask('U0VIEWER', '/billing compare of-Team');
    const shown = () =>
      as('U0VIEWER')
        .ephemerals(FINANCE)
        .some((one) => said(one).includes('Costs by service'));
    expect(shown()).toBe(false);
    await as('U0VIEWER').click({ message, actionId: 'project.open' });
    await as('U0VIEWER').waitFor(shown);
  });

  it.each([
    ['compare "Team May"', 'for Team May'],
    ['compare Team May', 'for Team May'],
    ['compare of-Blue this month', 'November 2026 so far compared with October 2026 for of-Blue'],
    ['compare 2026-08', 'August 2026 compared with July 2026'],
    ['compare 2025-01', 'No costs in January 2025 or December 2024.'],
    ['compare Blau', 'billing group'],
  ])('/billing %s', async (line, words) => {
    expect(said(await ask('U0VIEWER', `/billing ${line}`))).toContain(words);
  });

  it('tells people outside the account nothing', async () => {
    const answer = said(await ask('U0STRANGER', '/billing compare "Team May"'));
    expect(answer).not.toContain('May:');
    expect(answer).not.toContain('EUR');
  });
});

describe('/billing forecast', () => {
  it('shows where the month will end', async () => {
    const answer = said(await ask('U0VIEWER', '/billing forecast of-Blue'));
    expect(answer).toContain('Forecast for November 2026 for of-Blue: about EUR 360.00');
    expect(answer).toContain('EUR 156.00 · until 13 November 2026');
    expect(answer).toContain('EUR 204.00 · expected for the other 17 days');
    expect(answer).toContain('EUR 377.50 · October 2026');
  });

  it('says so where there is too little to go by', async () => {
    expect(said(await ask('U0VIEWER', '/billing forecast New'))).toContain('Too few days');
  });
});

describe('/billing costs', () => {
  const charts = () =>
    as('U0VIEWER')
      .ephemerals(FINANCE)
      .filter((one) => said(one).includes('slack_file'));
  /** The answer, once its chart has come, which is a separate message. */
  async function askFor(line: string) {
    const before = charts().length;
    const answer = await ask('U0VIEWER', `/billing ${line}`);
    const chart = await as('U0VIEWER').waitFor(() => charts()[before]);
    return { answer: said(answer), chart: said(chart), message: answer };
  }

  it('shows some days of a group, with their chart in words and as a file', async () => {
    const { answer, chart, message } = await askFor('costs "Blue & <Co>" 2026-10-04 until 2026-10-06 by day');
    expect(answer).toContain('Costs for Blue &amp; &lt;Co&gt;, 4 October 2026 to 6 October 2026: EUR 41.50');
    expect(answer).toContain('5 October 2026');
    expect(answer).toContain('EUR 17.50');
    expect(chart).toContain('from 4 October 2026 to 6 October 2026: EUR 41.50 in total; EUR 13.83 a day on average');
    await as('U0VIEWER').click({ message, actionId: 'costs.csv' });
    await as('U0VIEWER').waitFor(() =>
      as('U0VIEWER')
        .ephemerals(FINANCE)
        .some((one) => said(one).includes('*costs-2026-10-04-2026-10-06.csv* was sent to you')),
    );
  });

  it('splits a month by service, project and tag', async () => {
    const byService = await askFor('costs of-Blue October 2026');
    expect(byService.answer).toContain('Costs for of-Blue, 1 October 2026 to 31 October 2026: EUR 377.50');
    expect(byService.answer).toContain('Queue <x>');
    const byProject = await askFor('costs last month by project');
    expect(byProject.answer).toContain('of-Team');
    expect(byProject.answer).toContain('EUR 378.50');
    expect((await askFor('costs last month by tag env')).answer).toContain('Without the tag env');
  });

  it.each([
    ['costs', 'Costs of November 2026'],
    ['costs 2026-10', 'Costs of October 2026'],
    ['costs by tag', 'Which tag'],
    ['costs 2026-10-09 until 2026-10-01', 'ends before it begins'],
    ['costs of-Blue 2025-01', 'No costs for of-Blue, 1 January 2025 to 31 January 2025.'],
  ])('/billing %s', async (line, words) => {
    expect(said(await ask('U0VIEWER', `/billing ${line}`))).toContain(words);
  });

  it('tells people outside the account nothing', async () => {
    expect(said(await ask('U0STRANGER', '/billing costs of-Blue by day'))).not.toContain('EUR');
  });
});
