import type { LinkTarget } from '../../src/services/kit/links.ts';
import { linkedObject } from '../../src/services/notices/link-previews.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { openGroup } from '../group/index.ts';
import { groupPlace } from '../group/place.ts';
import { openInvoice } from '../invoices/invoice.ts';
import { openMoveRequest } from '../moves/move-view.ts';
import { linkedLine } from './link-unfurl.ts';

/**
 * Opens what a link names for the person who typed it. In a direct message, where Slack opens no form, the answer has a
 * button for that.
 *
 * @throws {Refusal} as `linkedObject`
 */
export async function openLink(deps: Deps, request: RequestContext, link: LinkTarget): Promise<void> {
  const { accountId: account, kind, id } = link;
  const ctx = contextOf(deps, request);
  if (request.triggerId === undefined) {
    const line = linkedLine(link, await linkedObject(ctx, link));
    const text = line.type === 'section' ? (line.text?.text ?? '') : '';
    return request.respond({ text, blocks: [line] });
  }
  if (kind === 'invoice') return openInvoice(request, async () => ({ ctx, account, by: { id } }));
  if (kind === 'group') return openGroup(request, async () => ({ ctx, place: groupPlace(account, id) }));
  return openMoveRequest(request, async () => ({ ctx, account }), id);
}
