import type { Decimal } from '../../billing/money/money.ts';
import { memosOfAccount } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { invoicesByIds } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/** A credit memo with the period of its invoice. */
export interface AccountMemo
  extends Pick<
    CreditMemoDoc,
    'accountId' | 'billingGroupId' | 'invoiceId' | 'invoiceNumber' | 'state' | 'reason' | 'currency' | 'createdAt'
  > {
  readonly id: string;
  /** Null for a draft. */
  readonly number: string | null;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  readonly periodBegin: Date;
  readonly periodEnd: Date;
  readonly issuedAt: Date | null;
  readonly sentAt: Date | null;
}

/** All credit memos of an account for groups that the caller sees, in an order that never changes. */
export async function accountMemos(ctx: Ctx, accountId: string): Promise<AccountMemo[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const memos = sight.among(await memosOfAccount(accountId));
  const invoices = await invoicesByIds(accountId, [...new Set(memos.map(({ invoiceId }) => invoiceId))]);
  const byId = new Map(invoices.map((invoice) => [invoice._id, invoice]));
  return memos.flatMap((memo) => {
    const { accountId: _, billingGroupId, invoiceId, invoiceNumber, state, reason, currency, createdAt } = memo;
    const invoice = byId.get(invoiceId);
    if (!invoice) return [];
    return {
      ...{ id: memo._id, accountId, billingGroupId, invoiceId, invoiceNumber, state, reason, currency, createdAt },
      number: memo.number ?? null,
      ...{ net: fromDecimal128(memo.net), tax: fromDecimal128(memo.tax), total: fromDecimal128(memo.total) },
      ...{ periodBegin: invoice.periodBegin, periodEnd: invoice.periodEnd },
      ...{ issuedAt: memo.issuedAt ?? null, sentAt: memo.sentAt ?? null },
    };
  });
}
