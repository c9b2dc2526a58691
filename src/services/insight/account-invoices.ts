import { groupsByIds } from '../../store/groups/group-reads.ts';
import { type InvoiceSearch, searchInvoices } from '../../store/invoicing/invoice-search.ts';
import { admit } from '../access/rights.ts';
import type { Part, PartRequest } from '../groups/group-details.ts';
import { type GroupInvoice, withGroup } from '../invoicing/group-invoices.ts';
import type { Ctx } from '../kit/context.ts';

export type { InvoiceSearch } from '../../store/invoicing/invoice-search.ts';
export { invoicesNow } from '../../store/invoicing/invoice-search.ts';

/** Invoices and open estimates of all groups of an account that the caller sees, in an order that never changes. Positions are IDs. */
export async function accountInvoices(
  ctx: Ctx,
  accountId: string,
  search: InvoiceSearch,
  { after, limit }: PartRequest = {},
): Promise<Part<GroupInvoice>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const docs = await searchInvoices(accountId, sight, search, {
    after,
    limit: limit === undefined ? undefined : limit + 1,
  });
  const shown = docs.slice(0, limit);
  const groups = await groupsByIds(accountId, [...new Set(shown.map((one) => one.billingGroupId))]);
  const byId = new Map(groups.map((group) => [group._id, group]));
  const items = shown.flatMap((doc) => {
    const group = byId.get(doc.billingGroupId);
    return group ? [withGroup(ctx, doc, group)] : [];
  });
  const last = docs.length > shown.length ? shown.at(-1) : undefined;
  return { items, ...(last && { next: last._id }) };
}
