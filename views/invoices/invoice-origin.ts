import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';

/** The invoice, and the actor's context. */
export type FindInvoice = () => Promise<{ ctx: Ctx; account: string; invoice: string }>;

/** The view below a form, if there is one. */
export type ViewBelow = { readonly id: string; readonly private_metadata: string } | undefined;

/** The origin of a form about an invoice. It remembers the invoice's view below, so that it can be updated. */
export function originAbove(
  request: RequestContext,
  account: string,
  invoice: string,
  view: ViewBelow,
  more: Record<string, string> = {},
): Origin {
  return originOf(request, { account, more: { ...more, invoice, ...(view && { list: view.id }) } });
}
