import type { KnownBlock, ModalView } from '@slack/types';
import { dayIn, dayName } from '../../src/billing/period/day.ts';
import { admit } from '../../src/services/access/rights.ts';
import { type FoundDelivery, type SourceTest, testSource } from '../../src/services/sources/source-test.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { context, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount, openAccountModal } from '../kit/account-modal.ts';
import { readTarget } from '../kit/action-target.ts';
import { count, money } from '../kit/figures.ts';
import { toolsOf } from './source-kit.ts';
import { SOURCE_TEST } from './source-list.ts';

const TITLE = 'Test connection';
/** How many deliveries are shown. */
const MOST = 12;
const STATES: Readonly<Record<FoundDelivery['state'], string>> = {
  new: 'new',
  changed: 'changed since the last import',
  imported: 'already imported',
  incomplete: 'incomplete',
  refused: 'refused',
  unconfirmed: 'not confirmed yet',
};

/** Tests a source, and shows what it found. */
export function openSourceTest(request: RequestContext, deps: Deps, name: string, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, async (ctx, account) => {
    await admit(ctx, account, 'issue');
    return testModal(await testSource(ctx, toolsOf(deps), account, name));
  });
}

export function registerSourceTest(app: SlackApp, deps: Deps): void {
  onAction(app, SOURCE_TEST, async (request, action) => {
    const { name: id } = readTarget(action.value);
    await openSourceTest(request, deps, id, accountOfButton(deps, request, action));
  });
}

function testModal({ name, files, ignored, hasUnsettled, deliveries, rows, problem }: SourceTest): ModalView {
  const others = ignored > 0 ? ` ${count(ignored, 'of them isn’t a cost file', 'of them aren’t cost files')}.` : '';
  const later = hasUnsettled
    ? ' Others are still being written. They count once they have been unchanged for a minute.'
    : '';
  const found = deliveries
    .slice(0, MOST)
    .map(
      ({ title, files: number, state }) =>
        `• ${title}: ${number === undefined ? '' : `${count(number, 'file')}, `}${STATES[state]}`,
    );
  const more = deliveries.length > MOST ? [`and ${count(deliveries.length - MOST, 'earlier month')}`] : [];
  return modal({
    title: TITLE,
    close: 'Done',
    blocks: [
      section(
        `:white_check_mark: Connected to *${escapeMrkdwn(name)}*. Found ${count(files, 'file')}.${others}${later}`,
      ),
      ...(found.length > 0 ? [section([...found, ...more].join('\n'))] : []),
      ...firstRows(rows),
      ...(problem === undefined ? [] : [section(`:warning: ${escapeMrkdwn(problem)}`)]),
      context('Nothing was imported.'),
    ],
  });
}

function firstRows(rows: SourceTest['rows']): KnownBlock[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ begin, subAccountId, serviceName, amount, currency }) =>
    [dayName(dayIn(begin, 'Etc/UTC')), subAccountId, serviceName ?? '', money(amount, currency)]
      .filter((part) => part !== '')
      .map((part) => escapeMrkdwn(part))
      .join(' · '),
  );
  return [section(`*First rows*\n${lines.join('\n')}`)];
}
