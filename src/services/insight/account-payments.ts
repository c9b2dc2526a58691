import type { Sight } from '../../billing/account/sight.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { invoicesByIds } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { paymentsOfAccount } from '../../store/settlement/payment-queries.ts';
import type { PaymentDoc } from '../../store/settlement/payments.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/** A payment of an account, reversed or not. */
export interface AccountPayment
  extends Pick<PaymentDoc, 'invoiceId' | 'way' | 'currency' | 'date' | 'reference' | 'recordedAt'> {
  readonly id: string;
  readonly amount: Decimal;
  readonly reversedAt: Date | null;
}

/** All payments of an account for invoices of groups that the caller sees. */
export async function accountPayments(ctx: Ctx, accountId: string): Promise<AccountPayment[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const payments = await paymentsOfAccount(accountId);
  return (await seenAmong(accountId, sight, payments)).map((doc) => {
    const { invoiceId, way, currency, date, reference, recordedAt, reversedAt = null } = doc;
    const amount = fromDecimal128(doc.amount);
    return { id: doc._id, ...{ invoiceId, way, currency, date, reference, recordedAt, reversedAt, amount } };
  });
}

/** One more query if some groups are hidden. */
async function seenAmong(
  accountId: string,
  sight: Sight,
  payments: readonly PaymentDoc[],
): Promise<readonly PaymentDoc[]> {
  if (sight.isWhole) return payments;
  const invoices = await invoicesByIds(accountId, [...new Set(payments.map(({ invoiceId }) => invoiceId))]);
  const seen = new Set(sight.among(invoices).map(({ _id }) => _id));
  return payments.filter(({ invoiceId }) => seen.has(invoiceId));
}
