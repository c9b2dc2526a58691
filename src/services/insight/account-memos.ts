import type { Decimal } from '../../billing/money/money.ts';
import { memoById, memosOfAccount } from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { invoicesByIds } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Part } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { type ChangesRequest, partWith, seenPart } from '../kit/seen-part.ts';

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

/** Credit memos of an account for groups that the caller sees, in the order of their IDs. */
export async function accountMemos(ctx: Ctx, accountId: string, request: ChangesRequest): Promise<Part<AccountMemo>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const part = await seenPart(
    request,
    (wanted) => memosOfAccount(accountId, sight, request.changedSince, wanted),
    (docs) => docs,
  );
  return partWith(part, await withPeriods(accountId, part.items));
}

/** A credit memo of a group that the caller sees; undefined if there is none. */
export async function accountMemo(ctx: Ctx, accountId: string, id: string): Promise<AccountMemo | undefined> {
  const { sight } = await admit(ctx, accountId, 'see');
  const memo = await memoById(accountId, id);
  return memo && sight.sees(memo.billingGroupId) ? (await withPeriods(accountId, [memo]))[0] : undefined;
}

async function withPeriods(accountId: string, memos: readonly CreditMemoDoc[]): Promise<AccountMemo[]> {
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
