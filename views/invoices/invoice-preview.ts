import type { Period } from '../../src/billing/period/period.ts';
import { previewedId } from '../../src/services/invoicing/invoice-preview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { PREVIEW_OPEN } from '../kit/open-actions.ts';
import { openInvoice } from './invoice.ts';

/** Opens a group's current invoice for a period, with its lines. */
export async function openPreview(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; account: string; group: string; period?: Period | undefined }>,
): Promise<void> {
  await openInvoice(request, async () => {
    const { ctx, account, group, period } = await find();
    const id = await previewedId(ctx, { accountId: account, billingGroupId: group, period });
    return { ctx, account, by: { id } };
  });
}

export function registerPreview(app: SlackApp, deps: Deps): void {
  onAction(app, PREVIEW_OPEN, (request, action) =>
    openPreview(request, async () => {
      const { account, group } = readTarget(action.value);
      return { ctx: contextOf(deps, request), account, group };
    }),
  );
}
