import { byKey } from '../../billing/by-key.ts';
import type { CreditUse, UsableCredit } from '../../billing/credit/credit-use.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { periodName, type Span } from '../../billing/period/period.ts';
import { insertUses, isValidBefore, useCredit } from '../../store/credits/credit-queries.ts';
import type { CreditDoc } from '../../store/credits/credits.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import type { Change } from '../kit/transaction.ts';

/**
 * Those of groups' credits that may pay for their invoices for a period, each in its group's currency: those valid at
 * the period's last instant, whenever the invoice is issued (domain.md, Money 4). By group.
 *
 * @param credits that are claimed
 */
export function usableCredits(
  credits: readonly CreditDoc[],
  groups: readonly Pick<GroupDoc, '_id' | 'currency'>[],
  span: Span,
): ReadonlyMap<string, UsableCredit[]> {
  const docs = byKey(
    credits.filter((credit) => isValidBefore(credit, span.end)),
    ({ billingGroupId }) => billingGroupId,
  );
  return new Map(
    groups.map(({ _id, currency }) => {
      const own = (docs.get(_id) ?? []).filter((credit) => credit.currency === currency);
      return [_id, own.map(toUsable).filter(({ remaining }) => remaining.gt(0))];
    }),
  );
}

/**
 * Takes the amounts that an invoice uses off the credits, each with its event, when the invoice is frozen. An invoice
 * uses a credit only once, and only if the amount left is still what the figures are based on. Otherwise, the whole
 * transaction is discarded.
 */
export async function consumeCredits(
  tx: Change,
  invoice: Pick<InvoiceDoc, '_id' | 'accountId' | 'billingGroupId' | 'period' | 'currency'>,
  uses: readonly CreditUse[],
): Promise<void> {
  const { _id: invoiceId, accountId, billingGroupId, currency } = invoice;
  if (uses.length === 0) return;
  await insertUses(
    tx,
    uses.map(({ credit, amount }) => ({
      _id: `${credit.id}:${invoiceId}`,
      ...{ creditId: credit.id, accountId, invoiceId, amount: toDecimal128(amount), at: tx.clock.now() },
    })),
  );
  for (const { credit, amount } of uses) {
    const left = { before: toDecimal128(credit.remaining), after: toDecimal128(credit.remaining.minus(amount)) };
    if (!(await useCredit(tx, accountId, credit.id, left)))
      throw new Error(`Credit ${credit.id} changed after invoice ${invoiceId} was calculated`);
  }
  await tx.recordAll(
    uses.map(({ credit, amount }) => {
      const left = credit.remaining.minus(amount);
      return {
        accountId,
        type: 'credit_consumed' as const,
        description: `Credit ${credit.code} paid ${formatMoney(amount, currency)} of the invoice for ${periodName(invoice.period)}`,
        billingGroupId,
        invoiceId,
        ...(credit.projectId !== null && { projectId: credit.projectId }),
        before: { creditId: credit.id, remaining: credit.remaining.toFixed() },
        after: { creditId: credit.id, remaining: left.toFixed() },
      };
    }),
  );
}

function toUsable({ _id: id, code, type, projectId, remaining, expireTime, claimedAt }: CreditDoc): UsableCredit {
  return { id, code, type, projectId, remaining: fromDecimal128(remaining), expireTime, claimedAt };
}
