import type { KnownBlock, ModalView } from '@slack/types';
import { entering } from '../../src/services/access/rights.ts';
import { listAnomalies } from '../../src/services/anomalies/anomaly-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, context, modal, section } from '../../src/slack/blocks/blocks.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { type FindAccount, onAccountPages, openAccountModal } from '../kit/account-modal.ts';
import { count } from '../kit/figures.ts';
import { anomalyButtons, anomalyLines, anomalyTitle } from './anomaly-message.ts';

const TITLE = 'Unusual costs';
const PAGE = 'anomaly.page';
const SIZE = 20;
const STATES = { open: 'Open', expected: 'Expected', ended: 'Ended' } as const;

/** Opens an account's unusual costs. */
export function openAnomalies(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, anomaliesModal);
}

export function registerAnomalyList(app: SlackApp, deps: Deps): void {
  onAccountPages(app, deps, PAGE, anomaliesModal);
}

/** A page of the list, the latest first. */
async function anomaliesModal(plain: Ctx, account: string, page = 1): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const list = await listAnomalies(ctx, account, { page, size: SIZE });
  const blocks: KnownBlock[] = [
    section(
      list.total === 0 ? 'No unusual costs were found yet.' : `${count(list.total, 'finding')}, the latest first`,
    ),
    ...list.items.flatMap((anomaly) => {
      const lines = [`*${anomalyTitle(anomaly)}*`, STATES[anomaly.state], ...anomalyLines(anomaly)];
      const buttons = anomaly.state === 'ended' ? [] : anomalyButtons(anomaly);
      return [section(lines.join('\n')), ...(buttons.length > 0 ? [actions(buttons)] : [])];
    }),
    context(
      'Costs of each project and service are checked after each import. Notifications go to channels subscribed to budgets and unusual costs.',
    ),
    ...pager({ page: list.page, pages: list.pages, actionId: PAGE, value: { account } }),
  ];
  return modal({ title: TITLE, blocks });
}
