import type { Button, KnownBlock } from '@slack/types';
import type { LinkKind, LinkTarget } from '../../src/services/kit/links.ts';
import type { Linked, LinkPreview } from '../../src/services/notices/link-previews.ts';
import { button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { groupLine } from '../group/group-list.ts';
import { GROUP_OPEN } from '../group/tab.ts';
import { invoiceLine } from '../invoices/invoice-list.ts';
import { target } from '../kit/action-target.ts';
import { INVOICE_VIEW, MOVE_VIEW } from '../kit/open-actions.ts';
import { moveLineText, standingText } from '../moves/move-request.ts';

/** What a channel sees below a message with a link. The buttons open the object for those who may see it. */
export function unfurlBlocks(link: LinkTarget, preview: LinkPreview): KnownBlock[] {
  if (preview.sees === 'name') {
    const text = nameText(link.kind, `*${escapeMrkdwn(preview.groupName)}*`);
    return [
      section(text, { accessory: openButton(link) }),
      context('Figures aren’t shown in this channel. Members of the account can use the button.'),
    ];
  }
  const { linked, accountName } = preview;
  const account = accountName === undefined ? [] : [context(`Account: *${escapeMrkdwn(accountName)}*`)];
  return [linkedLine(link, linked), ...account];
}

function nameText(kind: LinkKind, group: string): string {
  if (kind === 'invoice') return `Invoice for ${group}`;
  return kind === 'group' ? `Billing group ${group}` : `Request to move projects to ${group}`;
}

/** An object with its figures, and a button that opens it. */
export function linkedLine(link: LinkTarget, linked: Linked): KnownBlock {
  if (linked.kind === 'invoice') return invoiceLine(linked.invoice);
  if (linked.kind === 'group') return groupLine(link.accountId, linked.group);
  return section(`${moveLineText(linked.move)}\n${standingText(linked.move)}`, { accessory: openButton(link) });
}

function openButton({ kind, accountId: account, id }: LinkTarget): Button {
  if (kind === 'invoice') return button('View invoice', INVOICE_VIEW, { value: target({ account, invoice: id }) });
  if (kind === 'group') return button('Open group', GROUP_OPEN, { value: target({ account, group: id }) });
  return button('View request', MOVE_VIEW, { value: target({ account, move: id }) });
}
