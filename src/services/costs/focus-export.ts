import { createHash } from 'node:crypto';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodsBetween } from '../../billing/period/period.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { allGroupNames } from '../../store/groups/group-reads.ts';
import { eachInvoiceVersion, eachOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { admit } from '../access/rights.ts';
import { allLines } from '../invoicing/group-invoices.ts';
import { type InvoiceSummary, type LineSummary, summaryOf } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';

/** An invoice line with its invoice and seller. */
export interface FocusCharge {
  readonly invoice: InvoiceSummary;
  /** Null for an estimate. */
  readonly invoiceId: string | null;
  readonly line: LineSummary;
  readonly issuer: string;
}

/** The periods of an export, both included. */
export interface FocusPeriods {
  readonly from: Period;
  readonly to: Period;
}

/**
 * The contents of an account's invoices for some periods that the caller sees, invoice by invoice: issued invoices by number, then estimates,
 * which have none yet. Each line is a charge, so the charges of an invoice add up to its net. If anything is missing, a
 * charge that says so makes up the difference. Only one batch of lines is in memory at a time.
 */
export async function* focusCharges(
  ctx: Ctx,
  accountId: string,
  { from, to }: FocusPeriods,
): AsyncGenerator<readonly FocusCharge[]> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const names = await allGroupNames(accountId);
  for (const period of periodsBetween(from, to)) {
    for await (const doc of eachOfPeriod(accountId, period, sight)) {
      const invoice = summaryOf(doc, names.get(doc.billingGroupId) ?? '', ctx.clock.now());
      yield* chargesOf(ctx, invoice, issuerOf(doc, account));
    }
  }
}

/**
 * A text that is the same as long as the charges are, without reading them: a digest of the versions of the invoices, and
 * of what the charges say that isn't stored with them.
 */
export async function focusStamp(ctx: Ctx, accountId: string, { from, to }: FocusPeriods): Promise<string> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const names = await allGroupNames(accountId);
  const digest = createHash('sha256');
  const add = (values: readonly unknown[]) => digest.update(`${JSON.stringify(values)}\n`);
  add([account.seller.legalName, account.name]);
  for await (const version of eachInvoiceVersion(accountId, { from, to }, sight)) {
    const { _id, billingGroupId, state, touches, computedAt, number } = version;
    add([_id, names.get(billingGroupId), state, touches, computedAt, number]);
  }
  return digest.digest('base64url');
}

async function* chargesOf(ctx: Ctx, invoice: InvoiceSummary, issuer: string): AsyncGenerator<readonly FocusCharge[]> {
  const isOpen = invoice.state === 'estimate' || invoice.state === 'draft';
  const common = { invoice, invoiceId: isOpen ? null : invoice.number, issuer };
  let billed: Decimal = ZERO;
  for await (const lines of allLines(ctx, invoice)) {
    for (const line of lines) billed = billed.plus(line.total);
    yield lines.map((line) => ({ ...common, line }));
  }
  // an estimate may be recalculated while it is read; an issued invoice never changes
  if (!isOpen && !billed.equals(invoice.net))
    yield [{ ...common, line: difference(invoice, invoice.net.minus(billed)) }];
}

function difference(invoice: InvoiceSummary, total: Decimal): LineSummary {
  const { lineCount, periodBegin: begin, periodEnd: end } = invoice;
  const nothing = { serviceType: null, servicePlan: null, cloudName: null, lateFrom: null, projectLabel: null };
  return {
    ...nothing,
    place: lineCount + 1,
    lineType: 'rounding',
    description: 'Rounding',
    projectName: '',
    serviceName: '',
    ...{ begin, end, total, exact: total, preDiscount: total, records: 0, taxCategory: 'O', taxRate: ZERO },
  };
}

function issuerOf({ snapshot }: InvoiceDoc, account: Pick<AccountDoc, 'name' | 'seller'>): string {
  return snapshot?.sellerName || account.seller.legalName || account.name;
}
