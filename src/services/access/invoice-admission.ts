import { Refusal } from '../../billing/refusal.ts';
import { invoiceById } from '../../store/invoicing/invoice-reads.ts';
import type { Ctx } from '../kit/context.ts';
import type { Admission } from './admission.ts';
import { admit } from './rights.ts';

/**
 * Admits the caller to what belongs to one invoice. One more query than `admit` if some groups are hidden from them.
 *
 * @throws {Refusal} as `admit`; `invoice_not_found` if its group is private and the caller doesn't see it
 */
export async function admitToInvoice(ctx: Ctx, accountId: string, invoiceId: string): Promise<Admission> {
  const admission = await admit(ctx, accountId, 'see');
  if (admission.sight.isWhole) return admission;
  const invoice = await invoiceById(accountId, invoiceId);
  if (!invoice || !admission.sight.sees(invoice.billingGroupId)) throw new Refusal('invoice_not_found', {});
  return admission;
}
