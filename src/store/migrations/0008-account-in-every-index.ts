import mongoose from 'mongoose';
import { Costs } from '../costs/costs.ts';
import { Codes, Consumptions, Credits } from '../credits/credits.ts';
import { Adjustments } from '../invoicing/adjustments.ts';
import { CreditMemoLines, CreditMemos } from '../invoicing/credit-memos.ts';
import { Invoices, InvoiceTrails, Lines } from '../invoicing/invoices.ts';
import { OpenMoves } from '../moves/moves.ts';
import { Mails } from '../notices/mails.ts';
import { Charges, Payments, Refunds } from '../settlement/payments.ts';
import { dropIndex } from './drop-index.ts';
import { fillAccounts } from './fill-accounts.ts';
import type { Migration } from './run-migrations.ts';

/** Documents that didn't name their account, and the field with the ID of the document that does. */
const FILLED = [
  { model: Lines, owner: 'invoices', field: 'invoiceId' },
  { model: CreditMemoLines, owner: 'invoices', field: 'invoiceId' },
  { model: InvoiceTrails, owner: 'invoices', field: '_id' },
  { model: OpenMoves, owner: 'move_requests', field: 'requestId' },
] as const;

/** Indexes without the account that are replaced by indexes that start with it. */
const REPLACED = [
  { model: Lines, names: ['line_place', 'lines_of_project'] },
  { model: CreditMemoLines, names: ['memo_line_place', 'memo_lines_of_invoice'] },
  { model: OpenMoves, names: ['open_moves_of_request'] },
  { model: Costs, names: ['usage_record_identity', 'usage_of_project', 'late_usage'] },
  {
    model: Invoices,
    names: ['invoice_of_group_and_period', 'invoice_number', 'invoice_number_text', 'invoices_of_group'],
  },
  { model: CreditMemos, names: ['memo_of_invoice', 'memo_number', 'memo_number_text'] },
  { model: Adjustments, names: ['adjustments_of_group'] },
  { model: Codes, names: ['codes_of_campaign'] },
  { model: Credits, names: ['code_once_a_group', 'credits_of_group'] },
  { model: Consumptions, names: ['consumptions_of_credit', 'consumptions_of_invoice'] },
  { model: Payments, names: ['payment_once', 'payments_of_invoice'] },
  { model: Charges, names: ['charges_of_invoice', 'charges_of_part'] },
  { model: Refunds, names: ['refunds_of_memo', 'refunds_of_invoice'] },
  { model: Mails, names: ['mails_of_invoice'] },
] as const;

/**
 * Makes every document of an account name it, and every index that isn't for background jobs start with it, so that
 * collections can be sharded by account. Old indexes are dropped only once their replacements exist, so what they kept
 * unique stays so.
 */
export const accountInEveryIndex: Migration = {
  name: 'starts every unique index of an account’s data with the account',
  async run() {
    for (const { model, owner, field } of FILLED) {
      await fillAccounts(model.collection, { owners: mongoose.connection.collection(owner), field });
    }
    // has the fields of the new unique index, and isn't unique itself
    await dropIndex(Invoices.collection, 'invoice_by_number');
    for (const { model, names } of REPLACED) {
      await model.createIndexes();
      for (const name of names) await dropIndex(model.collection, name);
    }
  },
};
