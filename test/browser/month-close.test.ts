import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type LocalModeProcess, startLocalMode } from '../support/local-mode.ts';
import { inBrowser, type Person } from './support.ts';

const FINANCE = 'C0FINANCE';
const LIMIT_MS = 240_000;

inBrowser('the month’s close, in local mode', (at) => {
  let local: LocalModeProcess;
  let finn: Person;

  beforeAll(async () => {
    local = await startLocalMode();
    await local.says('The sample data is ready');
    finn = await at(local.url, 'U0FINN');
    await finn.goTo(FINANCE);
  }, LIMIT_MS);
  afterAll(async () => {
    await local?.stop();
  }, LIMIT_MS);

  const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date());
  const invoice = () =>
    finn.page
      .getByRole('article')
      .filter({ has: finn.page.getByRole('button', { name: 'View invoice' }) })
      .filter({ hasText: `for Production, ${month}` })
      .last();

  it(
    'the page sets the clock forward, and the month’s invoices arrive',
    async () => {
      await finn.click(/^Clock and faults/);
      await finn.click('Go to the month’s close');
      await invoice().waitFor({ timeout: LIMIT_MS });
      await finn.page.getByRole('button', { name: /^Clock and faults Clock: / }).waitFor();
    },
    LIMIT_MS,
  );

  it('an invoice’s lines can be viewed and saved as CSV', async () => {
    const file = finn.page
      .getByRole('figure')
      .filter({ hasText: /ACME-\d+\.csv/ })
      .last();
    await file.getByRole('columnheader', { name: 'invoice_number' }).waitFor();
    const saving = finn.page.waitForEvent('download');
    await file.getByRole('link', { name: 'Download' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^ACME-\d+\.csv$/);
    const csv = readFileSync(await saved.path(), 'utf8');
    expect(csv.split('\n')[0]).toContain('invoice_number');
    expect(csv).toContain(saved.suggestedFilename().replace('.csv', ''));
    await invoice().getByRole('button', { name: 'View invoice' }).first().click();
    await finn.modal('Total');
    await finn.closeModals();
  });
});
