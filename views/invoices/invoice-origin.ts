import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';

/** Which invoice, and in whose name. */
export type FindInvoice = () => Promise<{ ctx: Ctx; account: string; invoice: string }>;

/** The view that a form lies on, if it is one. */
export type ViewBelow = { readonly id: string; readonly private_metadata: string } | undefined;

/** The origin of a form about an invoice: it remembers the invoice's view below it, to show it again. */
export function originAbove(
  request: RequestContext,
  account: string,
  invoice: string,
  view: ViewBelow,
  more: Record<string, string> = {},
): Origin {
  return originOf(request, { account, more: { ...more, invoice, ...(view && { list: view.id }) } });
}
