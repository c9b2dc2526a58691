import { listInvoices } from '../../src/services/invoicing/invoice-reading.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { invoiceLine } from '../invoices/invoice-list.ts';
import { target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { PREVIEW_OPEN } from '../kit/open-actions.ts';
import { GROUP_PAGE, type Tab } from './tab.ts';

const SIZE = 12;

/** A group's invoices and its open estimate: open amounts first, by due date, then the newest period. */
export const invoicesTab: Tab = async ({ ctx, place, group }) => {
  const page = await listInvoices(ctx, place.account, { page: place.page, size: SIZE, billingGroupId: group.id });
  const preview = button('Preview the next invoice', PREVIEW_OPEN, {
    value: target({ account: place.account, group: group.id }),
  });
  if (page.total === 0) {
    return [section('No invoices yet. The first one is issued after the month ends.'), actions([preview])];
  }
  return [
    ...(group.state === 'active' ? [actions([preview])] : []),
    ...page.items.map(invoiceLine),
    context(count(page.total, 'invoice')),
    ...pager({ page: page.page, pages: page.pages, actionId: GROUP_PAGE, value: place }),
  ];
};
