import type { Ctx } from '../../src/services/kit/context.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { refusalOf } from '../../src/slack/web-api/api-errors.ts';
import { invoiceView } from './invoice.ts';

/** Updates an invoice's view after a change. It may have been closed meanwhile. */
export async function refreshInvoice(
  request: RequestContext,
  ctx: Ctx,
  account: string,
  invoice: string | undefined,
  viewId: string | undefined,
): Promise<void> {
  if (viewId === undefined || invoice === undefined) return;
  const view = await invoiceView(ctx, account, { id: invoice });
  try {
    await request.client.views.update({ view_id: viewId, view });
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    request.log.info({ err: error }, 'Slack rejected a view. It may have been closed');
  }
}
