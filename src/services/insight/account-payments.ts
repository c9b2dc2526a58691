import type { Sight } from '../../billing/account/sight.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { invoicesByIds } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { paymentsOfAccount } from '../../store/settlement/payment-queries.ts';
import type { PaymentDoc } from '../../store/settlement/payments.ts';
import { admit } from '../access/rights.ts';
import type { Part } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { type ChangesRequest, partWith, seenPart } from '../kit/seen-part.ts';

/** A payment of an account, reversed or not. */
export interface AccountPayment
  extends Pick<PaymentDoc, 'invoiceId' | 'way' | 'currency' | 'date' | 'reference' | 'recordedAt'> {
  readonly id: string;
  readonly amount: Decimal;
  readonly reversedAt: Date | null;
}

/** Payments of an account for invoices of groups that the caller sees, in the order of their IDs. */
export async function accountPayments(
  ctx: Ctx,
  accountId: string,
  request: ChangesRequest,
): Promise<Part<AccountPayment>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const part = await seenPart(
    request,
    (wanted) => paymentsOfAccount(accountId, request.changedSince, wanted),
    (docs) => seenAmong(accountId, sight, docs),
  );
  const items = part.items.map((doc) => {
    const { invoiceId, way, currency, date, reference, recordedAt, reversedAt = null } = doc;
    const amount = fromDecimal128(doc.amount);
    return { id: doc._id, ...{ invoiceId, way, currency, date, reference, recordedAt, reversedAt, amount } };
  });
  return partWith(part, items);
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
