import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DocumentPool } from '../../../src/documents/pool.ts';
import { invoiceDocument } from '../../../src/services/documents/invoice-document.ts';
import { memoDocument } from '../../../src/services/documents/memo-document.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { previewPdf } from '../../../src/services/invoicing/invoice-preview.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { DocumentParts, storeDocument, storedDocument } from '../../../src/store/invoicing/documents.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { setParties } from '../../support/invoices/closed.ts';
import { costRow, groupWithCosts, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const NOW = new Date('2026-11-02T12:00:00Z');
const clock = new TestClock(NOW.toISOString());
const pool = new DocumentPool({ threads: 1 });
const full = new DocumentPool({ mostPending: 0 });
const base = contextAt(clock);
const ctx: Ctx = { ...base, documents: pool };
afterAll(async () => {
  await pool.stop();
});

async function anInvoice() {
  const { account, group } = await groupWithCosts(ctx, [costRow('100'), costRow('7', { day: '2026-11-01' })]);
  await setParties(account._id);
  await closeInvoice(ctx, group, OCTOBER);
  const invoice = await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean();
  return { accountId: account._id, group, invoice, number: invoice.number ?? '' };
}

/** How many documents the pool generates during some work. */
async function generations(work: () => Promise<unknown>): Promise<number> {
  const before = pool.generated;
  await work();
  return pool.generated - before;
}

describe('an issued document', () => {
  it.each(['pdf', 'xml', 'json'] as const)(
    'is generated once, and read from the store afterwards: %s',
    async (format) => {
      const { accountId, number } = await anInvoice();
      let first: Buffer = Buffer.alloc(0);
      expect(
        await generations(async () => {
          first = (await invoiceDocument(ctx, accountId, number, format)).body;
        }),
      ).toBe(1);
      for (const documents of [pool, full]) {
        const again = await invoiceDocument({ ...ctx, documents }, accountId, number.toLowerCase(), format);
        expect(again.body.equals(first)).toBe(true);
      }
      expect(await generations(() => invoiceDocument(ctx, accountId, number, format))).toBe(0);
      expect(await DocumentParts.countDocuments({ accountId, format })).toBe(1);
    },
  );

  it('is generated once for twenty simultaneous readers', async () => {
    const { accountId, number } = await anInvoice();
    let bodies: Buffer[] = [];
    const count = await generations(async () => {
      const reads = Array.from({ length: 20 }, () => invoiceDocument(ctx, accountId, number, 'pdf'));
      bodies = (await Promise.all(reads)).map(({ body }) => body);
    });
    expect(count).toBe(1);
    expect(bodies.every((body) => bodies[0]?.equals(body))).toBe(true);
  });

  it('stays the same when it is paid, and is regenerated when its content differs', async () => {
    const { accountId, number, invoice } = await anInvoice();
    const first = await invoiceDocument(ctx, accountId, number, 'pdf');
    await recordPayment(ctx, { accountId, invoiceId: invoice._id, amount: '1.00', date: '2026-11-02', reference: '' });
    expect(await generations(() => invoiceDocument(ctx, accountId, number, 'pdf'))).toBe(0);
    // no rule allows this: it simulates a snapshot completed by a migration
    await Invoices.updateOne(
      { _id: invoice._id },
      { $set: { 'snapshot.sellerName': 'Other', 'snapshot.seller.legalName': 'Other' } },
    );
    let second = first;
    expect(
      await generations(async () => {
        second = await invoiceDocument(ctx, accountId, number, 'pdf');
      }),
    ).toBe(1);
    expect(second.body.equals(first.body)).toBe(false);
    expect(await DocumentParts.countDocuments({ accountId, format: 'pdf' })).toBe(1);
  });

  it('is stored for a credit memo too', async () => {
    const { accountId, invoice } = await anInvoice();
    await createMemo(ctx, { accountId, invoiceId: invoice._id, reason: 'Outage', amounts: { 1: '10' } });
    const { number = '' } = await CreditMemos.findOne({ accountId }).orFail().lean();
    const first = await memoDocument(ctx, accountId, number, 'pdf');
    const again = await memoDocument({ ...ctx, documents: full }, accountId, number, 'pdf');
    expect(again.body.equals(first.body)).toBe(true);
  });

  it('isn’t stored for a preview', async () => {
    const { accountId, group } = await anInvoice();
    const { _id } = await Invoices.findOne({ billingGroupId: group._id, state: 'estimate' }).orFail().lean();
    expect(await generations(() => previewPdf(ctx, accountId, _id))).toBe(1);
    expect(await generations(() => previewPdf(ctx, accountId, _id))).toBe(1);
    expect(await DocumentParts.countDocuments({ accountId })).toBe(0);
  });

  it('is refused when the queue is full, and never stored or shown for people without permission', async () => {
    const { accountId, number } = await anInvoice();
    await expect(invoiceDocument({ ...ctx, documents: full }, accountId, number, 'pdf')).rejects.toMatchObject({
      code: 'documents_busy',
    });
    await invoiceDocument(ctx, accountId, number, 'pdf');
    const stranger = { ...contextAt(clock, person('U_STRANGER')), documents: pool };
    await expect(invoiceDocument(stranger, accountId, number, 'pdf')).rejects.toMatchObject({
      code: 'account_not_found',
    });
  });
});

describe('the document store', () => {
  const key = (version: string) => ({ accountId: 'acc_store', documentId: 'inv_1', format: 'pdf', version });

  it('keeps a document larger than MongoDB’s limit', async () => {
    const bytes = randomBytes(17 * 1024 * 1024);
    await storeDocument(key('large'), bytes, NOW);
    expect((await storedDocument(key('large')))?.equals(bytes)).toBe(true);
    expect(await DocumentParts.countDocuments({ accountId: 'acc_store', version: 'large' })).toBe(3);
    await DocumentParts.deleteOne({ accountId: 'acc_store', version: 'large', part: 1 });
    expect(await storedDocument(key('large'))).toBeUndefined();
    const other = randomBytes(17 * 1024 * 1024);
    expect((await storeDocument(key('large'), other, NOW)).equals(other)).toBe(true);
    expect((await storedDocument(key('large')))?.equals(other)).toBe(true);
  });

  it('gives every process the first stored bytes, and removes other versions', async () => {
    await storeDocument(key('old'), Buffer.from('old'), NOW);
    const all = await Promise.all(['a', 'b', 'c'].map((text) => storeDocument(key('new'), Buffer.from(text), NOW)));
    const [first] = all;
    expect(all.every((bytes) => first?.equals(bytes))).toBe(true);
    expect((await storedDocument(key('new')))?.equals(first ?? Buffer.alloc(0))).toBe(true);
    expect(await storedDocument(key('old'))).toBeUndefined();
  });
});
