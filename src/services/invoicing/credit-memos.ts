import { settleMemo } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import {
  countMemos,
  eachMemoDraft,
  firstMemosOf,
  type MemoName,
  memoOrFail,
} from '../../store/invoicing/credit-memo-queries.ts';
import type { CreditMemoDoc } from '../../store/invoicing/credit-memos.ts';
import { linesIn } from '../../store/invoicing/current-lines.ts';
import { largestCharges } from '../../store/invoicing/invoice-lines.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admitToInvoice } from '../access/invoice-admission.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { inChange, rehearsed } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';
import { balanceOf, issuedInvoice } from '../settlement/invoice-balance.ts';
import { checkedReason } from '../settlement/invoice-life.ts';
import { drawNumbers } from './invoice-numbers.ts';
import { creditedLines, freezeMemo, type NewMemo } from './memo-freeze.ts';
import { issueMemo } from './memo-issue.ts';

const BATCH = 100;
const MOST_LISTED = 100;

/** A credit memo in a list. */
export interface MemoSummary {
  readonly id: string;
  readonly number: string | null;
  readonly state: CreditMemoDoc['state'];
  readonly reason: string;
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  readonly refund: Decimal;
  readonly offset: Decimal;
  readonly returned: Decimal;
  readonly issuedAt: Date | null;
}

/**
 * Creates and issues a credit memo in three repeatable steps, like an invoice (`closeInvoice`): it is frozen, numbered,
 * and issued with its event and settlement. If a process is killed between two steps, the next tick finishes the draft.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault (`line:PLACE`), `nothing_left`, `memo_made` if another
 * memo was made in the meantime, `rate_missing` for its tax in the seller's currency, `being_charged`,
 * `invoice_not_found`, `role_needed`
 */
export async function createMemo(ctx: Ctx, input: NewMemo): Promise<MemoSummary> {
  const reason = checkedReason(input.reason);
  const memoId = await inChange(ctx, input.accountId, 'issue', (tx) => freezeMemo(tx, { ...input, reason }));
  return finishMemo(ctx, { _id: memoId, accountId: input.accountId });
}

/**
 * What a credit memo would credit, and where the money would go, with the checks of `createMemo`. Nothing is stored.
 *
 * @throws {Refusal} as `createMemo`
 */
export function previewMemo(ctx: Ctx, input: NewMemo) {
  const reason = checkedReason(input.reason);
  return rehearsed(ctx, (dry) =>
    inChange(dry, input.accountId, 'issue', async (tx) => {
      const memo = await memoOrFail(input.accountId, await freezeMemo(tx, { ...input, reason }));
      const balance = balanceOf(await issuedInvoice(input.accountId, input.invoiceId));
      const { invoiceNumber, currency } = memo;
      const total = fromDecimal128(memo.total);
      return { invoiceNumber, currency, total, ...settleMemo(total, balance) };
    }),
  );
}

const FINISHING: Loop<MemoName> = {
  kind: 'credit-memo',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'finish a credit memo',
  most: BATCH,
};

/** Finishes memos left by a crash. @returns how many were issued */
export async function finishMemos(ctx: Ctx): Promise<number> {
  let finished = 0;
  await eachOfAll(ctx, FINISHING, eachMemoDraft(), async (draft) => {
    await finishMemo(ctx, draft);
    finished += 1;
  });
  return finished;
}

/** The memos of an invoice, oldest first. @throws {Refusal} `account_not_found` */
export async function listMemos(ctx: Ctx, accountId: string, invoiceId: string): Promise<MemoSummary[]> {
  await admitToInvoice(ctx, accountId, invoiceId);
  return (await firstMemosOf(accountId, invoiceId, MOST_LISTED)).map(summaryOf);
}

/**
 * The amounts of positive lines that can still be credited, for a form; largest first. @throws {Refusal} as
 * `createMemo`
 */
export async function memoChoices(ctx: Ctx, accountId: string, invoiceId: string, most: number) {
  await admit(ctx, accountId, 'issue');
  const invoice = await issuedInvoice(accountId, invoiceId);
  const lines = await largestCharges(linesIn(invoice), most);
  const credited = await creditedLines(
    accountId,
    invoiceId,
    lines.map(({ place }) => place),
  );
  return {
    number: invoice.number,
    currency: invoice.currency,
    seen: await countMemos(accountId, invoiceId),
    lines: lines
      .map(({ place, description, projectName, projectLabel, total }) => ({
        ...{ place, description, projectName, projectLabel },
        left: fromDecimal128(total).minus(credited.get(place) ?? ZERO),
      }))
      .filter(({ left }) => left.gt(0)),
  };
}

async function finishMemo(ctx: Ctx, draft: Pick<CreditMemoDoc, '_id' | 'accountId'>): Promise<MemoSummary> {
  await drawMemoNumber(draft);
  const memo = await inTransaction(ctx, (tx) => issueMemo(tx, draft));
  return summaryOf(memo);
}

async function drawMemoNumber({ _id, accountId }: Pick<CreditMemoDoc, '_id' | 'accountId'>): Promise<void> {
  const memo = await memoOrFail(accountId, _id);
  if (memo.seq !== undefined) return;
  await drawNumbers(await accountOrFail(accountId), [{ kind: 'credit_memo', id: _id, frozenAt: memo.createdAt }]);
}

function summaryOf(doc: CreditMemoDoc): MemoSummary {
  const { _id: id, number = null, state, reason, currency, issuedAt = null } = doc;
  const amount = (value: CreditMemoDoc['refund']) => (value ? fromDecimal128(value) : ZERO);
  return {
    ...{ id, number, state, reason, currency, issuedAt },
    ...{ net: fromDecimal128(doc.net), tax: fromDecimal128(doc.tax), total: fromDecimal128(doc.total) },
    ...{ refund: amount(doc.refund), offset: amount(doc.offset), returned: amount(doc.returned) },
  };
}
