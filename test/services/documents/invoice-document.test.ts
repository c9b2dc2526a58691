import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Refusal } from '../../../src/billing/refusal.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { keepLogo } from '../../../src/services/accounts/logos.ts';
import { updateSettings } from '../../../src/services/accounts/settings.ts';
import { DOCUMENT_FORMATS, invoiceCsv, invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { renameGroup } from '../../../src/services/groups/groups.ts';
import { refusalWords } from '../../../src/slack/refusal-texts/index.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { DocumentParts } from '../../../src/store/invoicing/documents.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { anAccount, contextAt, OPERATOR, person, TestClock } from '../../support/context.ts';
import { testDatabaseUri, useDatabase } from '../../support/database/database.ts';
import { closeOnly, costRow, importCosts, setParties } from '../../support/invoices/closed.ts';
import { JPEG, pngOf } from '../../support/invoices/pictures.ts';

useDatabase(migrate);

const NOW = '2026-11-02T12:00:00.000Z';
const clock = new TestClock(NOW);
const ctx = contextAt(clock);
const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');

async function anInvoice(
  rows = [costRow('60.004'), costRow('40', { project: 'Łódź' }), costRow('20', { service: '=SUM(A1)' })],
): Promise<{ account: AccountDoc; number: string; groupId: string }> {
  const account = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(ctx, account._id, rows);
  await setParties(account._id);
  const { number = '', billingGroupId: groupId } = await closeOnly(ctx, account._id);
  return { account, number, groupId };
}

const made = async (accountId: string, number: string) =>
  Promise.all(DOCUMENT_FORMATS.map(async (format) => (await invoiceDocument(ctx, accountId, number, format)).body));

/** The memory in use, without garbage. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

async function refused(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Refusal) return error;
  throw new Error('not refused');
}

describe('the documents of an issued invoice', () => {
  it('are the same bytes each time, in two processes, whatever has changed in account, group and invoice since', async () => {
    const { account, groupId, number } = await anInvoice();
    const first = (await made(account._id, number)).map(sha256);
    await renameGroup(ctx, { accountId: account._id, billingGroupId: groupId, name: 'Another name' });
    await Groups.updateOne({ _id: groupId }, { $set: { 'billing.company': 'Another company', currency: 'USD' } });
    await Accounts.updateOne(
      { _id: account._id },
      { $set: { 'seller.legalName': 'Another seller', timeZone: 'Asia/Tokyo', invoicePrefix: 'OTHER' } },
    );
    await Invoices.updateOne({ accountId: account._id, number }, { $set: { state: 'paid' } });
    clock.set('2027-03-01T00:00:00Z');
    // the stored document is deleted, so that it is generated again
    await DocumentParts.deleteMany({ accountId: account._id });
    expect((await made(account._id, number.toLowerCase())).map(sha256)).toEqual(first);

    await DocumentParts.deleteMany({ accountId: account._id });
    const child = startChild('test/children/document.ts', [testDatabaseUri(), account._id, number, '2028-01-01']);
    expect(JSON.parse(await nextLine(child))).toEqual(first);
    expect(await child.ended).toBe(0);
    clock.set(NOW);
  }, 240_000);

  it('have the frozen data: seller and buyer, the lines, tax, and how to pay', async () => {
    const { account, number } = await anInvoice();
    const { body, filename, contentType } = await invoiceDocument(ctx, account._id, number, 'pdf');
    expect([filename, contentType]).toEqual([`${number}.pdf`, 'application/pdf']);
    const { text } = await readPdf(body);
    for (const words of [number, 'Northwind Cloud GmbH', 'Zolta GmbH', 'web-shop', 'Łódź', '142.80', 'PO-1']) {
      expect(text).toContain(words);
    }
    expect(text).toContain('DE89 3704 0044 0532 0130 00');
    const json = JSON.parse(String((await invoiceDocument(ctx, account._id, number, 'json')).body));
    expect(json).toMatchObject({
      number,
      issue_date: '2026-11-02',
      due_date: '2026-11-16',
      period_begin: '2026-10-01',
      period_end: '2026-10-31',
      total_vat_zero: '120.00',
      tax: '22.80',
      total_inc_vat: '142.80',
      amount_due: '142.80',
      taxes: [{ category: 'S', rate: '19', base: '120.00', amount: '22.80', reason: null }],
      seller: { legal_name: 'Northwind Cloud GmbH' },
      buyer: { company: 'Zolta GmbH' },
    });
    const xml = await invoiceDocument(ctx, account._id, number, 'xml');
    expect(String(xml.body)).toContain(`<cbc:ID>${number}</cbc:ID>`);
  });

  it('keep the account’s logo and color from the close', async () => {
    const account = await anAccount(ctx, { currency: 'EUR' });
    await importCosts(ctx, account._id, [costRow('10')]);
    await setParties(account._id);
    const logo = await keepLogo(ctx, account._id, Readable.from([pngOf(120, 40)]));
    await updateSettings(ctx, account._id, { settings: { logo, colour: '#7A2E8E', email: 'billing@north.example' } });
    const { number = '' } = await closeOnly(ctx, account._id);
    const first = await invoiceDocument(ctx, account._id, number, 'pdf');
    expect(first.body.includes('/Subtype /Image')).toBe(true);
    expect((await readPdf(first.body)).text).toContain('billing@north.example');
    const other = await keepLogo(ctx, account._id, Readable.from([JPEG]));
    await updateSettings(ctx, account._id, { settings: { logo: other, colour: '#1f4a3d' } });
    await updateSettings(ctx, account._id, { settings: { logo: '', colour: '' } });
    expect(sha256((await invoiceDocument(ctx, account._id, number, 'pdf')).body)).toBe(sha256(first.body));
    const events = await Events.find({ accountId: account._id, type: 'account_updated' }).sort({ _id: 1 }).lean();
    expect(events.map(({ description }) => description)).toEqual(
      expect.arrayContaining(['Changed the logo', 'Set document color to #7a2e8e', 'Removed the logo']),
    );
  });

  it('reject a logo that isn’t an image, or from someone who isn’t an owner', async () => {
    const { account } = await anInvoice();
    await setMember(ctx, account._id, 'U_ADMIN', 'billing_admin');
    const admin = contextAt(clock, person('U_ADMIN'));
    expect(await refused(keepLogo(ctx, account._id, Readable.from([Buffer.from('GIF89a')])))).toMatchObject({
      data: { fields: { logo: expect.any(String) } },
    });
    expect((await refused(keepLogo(admin, account._id, Readable.from([JPEG])))).code).toBe('role_needed');
    const unknown = updateSettings(ctx, account._id, { settings: { logo: 'a'.repeat(64) } });
    expect(await refused(unknown)).toMatchObject({
      code: 'invalid_input',
      data: { fields: { logo: expect.any(String) } },
    });
  });

  it('as CSV have every line, or one project’s, safe against formulas', async () => {
    const { account, number } = await anInvoice();
    const { body, filename } = await invoiceDocument(ctx, account._id, number, 'csv');
    const rows: Record<string, string>[] = parse(String(body), { columns: true, bom: true, record_delimiter: '\r\n' });
    expect(rows.map((one) => one.line_total_local).sort()).toEqual(['20.00', '40.00', '60.00']);
    expect(rows.some((one) => one.service_name === "'=SUM(A1)")).toBe(true);
    expect(filename).toBe(`${number}.csv`);
    const one = await invoiceDocument(ctx, account._id, number, 'csv', { project: 'Łódź' });
    expect(parse(String(one.body), { columns: true, bom: true })).toMatchObject([
      { project_name: 'Łódź', tax_rate: '19' },
    ]);
    expect(one.filename).toBe(`${number}-Łódź.csv`);
    let streamed = '';
    for await (const piece of invoiceCsv(ctx, account._id, number)) streamed += piece;
    expect(streamed).toBe(String(body));
    expect((await refused(invoiceDocument(ctx, account._id, number, 'pdf', { project: 'Łódź' }))).code).toBe(
      'whole_document_only',
    );
  });

  it('are available to anyone who may see the account, and don’t exist for others', async () => {
    const { account, number } = await anInvoice();
    const other = await anAccount(ctx);
    const asked = (actor = OPERATOR, accountId = account._id, wanted = number) =>
      refused(invoiceDocument(contextAt(clock, actor), accountId, wanted, 'pdf'));
    expect((await asked(person('U_STRANGER'))).code).toBe('account_not_found');
    expect((await asked(OPERATOR, other._id)).code).toBe('invoice_not_found');
    expect((await asked(OPERATOR, account._id, 'NONE-1')).code).toBe('invoice_not_found');
    await Invoices.updateOne({ accountId: account._id, number }, { $set: { state: 'draft' }, $unset: { issuedAt: 1 } });
    expect((await asked()).code).toBe('invoice_not_found');
  });

  it('as XML are refused with what is missing, in plain words', async () => {
    const { account, number } = await anInvoice();
    await Invoices.updateOne(
      { accountId: account._id, number },
      { $set: { 'snapshot.buyer.countryCode': '', 'snapshot.seller.vatId': '' } },
    );
    const refusal = await refused(invoiceDocument(ctx, account._id, number, 'xml'));
    expect(refusal.code).toBe('document_incomplete');
    const { message, wayOut } = refusalWords(refusal);
    expect(message).toContain('The buyer has no country');
    expect(message).toContain('The seller has no tax number');
    expect(wayOut).toContain('PDF');
  });

  it('from earlier versions, without tax and parties, are generated too', async () => {
    const { account, number } = await anInvoice();
    const { _id } = await Invoices.findOneAndUpdate(
      { accountId: account._id, number },
      { $unset: { taxes: 1, prepaid: 1, conversions: 1, 'snapshot.seller': 1, 'snapshot.buyer': 1 } },
    )
      .orFail()
      .lean();
    await Lines.updateMany({ invoiceId: _id }, { $unset: { preDiscount: 1, taxCategory: 1, taxRate: 1 } });
    const { text } = await readPdf((await invoiceDocument(ctx, account._id, number, 'pdf')).body);
    expect(text).toContain('Outside the scope of VAT');
    expect(text).toContain('Northwind Cloud GmbH');
  });

  it('with very many lines: the PDF has the same total, and the CSV streams them all in constant memory', async () => {
    const { account, number } = await anInvoice();
    const { _id } = await Invoices.findOne({ accountId: account._id, number }).orFail().lean();
    const line = await Lines.findOne({ invoiceId: _id, projectName: 'web-shop' }).orFail().lean();
    const { _id: _lineId, ...like } = line;
    const count = 20_000;
    for (let at = 0; at < count; at += 5_000) {
      const more = Array.from({ length: 5_000 }, (_, index) => ({
        ...like,
        place: 100 + at + index,
        servicePlan: `plan-${at + index}`,
      }));
      await Lines.collection.insertMany(more);
    }
    await Invoices.updateOne({ _id }, { $set: { lineCount: count + 3 } });
    const { pages, text } = await readPdf((await invoiceDocument(ctx, account._id, number, 'pdf')).body);
    expect(pages).toHaveLength(1);
    expect(text).toContain(`has all ${count + 3} lines`);
    const xml = String((await invoiceDocument(ctx, account._id, number, 'xml')).body);
    expect(xml.match(/<cac:InvoiceLine>/g)?.length).toBeLessThan(10);
    const before = heapUsed();
    let rows = -1;
    let most = before;
    for await (const piece of invoiceCsv(ctx, account._id, number)) {
      rows += piece.endsWith('\r\n') ? 1 : 0;
      if (rows % 5_000 === 4_999) most = Math.max(most, heapUsed());
    }
    expect(rows).toBe(count + 3);
    expect(most - before).toBeLessThan(10 * 1024 * 1024);
  }, 240_000);
});
