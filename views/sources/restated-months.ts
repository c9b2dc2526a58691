import type { KnownBlock } from '@slack/types';
import { periodName } from '../../src/billing/period/period.ts';
import type { ShownDelivery } from '../../src/services/sources/shown-deliveries.ts';
import type { SourceSummary } from '../../src/services/sources/sources.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { LIMITS } from '../../src/slack/limits/limits.ts';
import { target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';

export const CONFIRM = 'source.confirm';
export const DECLINE = 'source.decline';

/** How many changes are shown of each month. */
const CHANGES = 10;
/** The most decisions in a view, so that it stays readable. */
const DECISIONS = 20;
const BLOCKS_OF_VIEW = 2;
/** With the line that counts the months that aren’t shown. */
const BLOCKS_OF_SOURCE = 4;
const BLOCKS_OF_DECISION = 2;

/** How many decisions of a source fit into the view, after those of the sources before it. */
export function room(sources: readonly SourceSummary[], at: number): number {
  const before = sources.slice(0, at).reduce((all, source) => all + undecided(source).length, 0);
  const free = LIMITS.view.blocks - BLOCKS_OF_VIEW - BLOCKS_OF_SOURCE * sources.length;
  return Math.max(0, Math.min(DECISIONS, Math.floor(free / BLOCKS_OF_DECISION)) - before);
}

/** The months that have to be confirmed: what would change in each, and its buttons. @param most how many are shown */
export function decisionBlocks(account: string, source: SourceSummary, most: number): KnownBlock[] {
  const all = undecided(source);
  const hidden = all.length - Math.min(all.length, most);
  return [
    ...all.slice(0, most).flatMap((one) => decision(account, one)),
    ...(hidden > 0 ? [context(`${count(hidden, 'more month')} to confirm after these`)] : []),
  ];
}

function undecided({ deliveries }: SourceSummary): ShownDelivery[] {
  return deliveries.filter(({ state, importId }) => state === 'unconfirmed' && importId !== null);
}

/** Whether new files may replace costs that are there. */
function decision(account: string, delivery: ShownDelivery): KnownBlock[] {
  const { sourceId, importId, month, changes = [], changeCount = changes.length } = delivery;
  const title = month === null ? 'Files' : periodName(month);
  const value = target({ account, name: sourceId, import: importId ?? '' });
  const shown = changes.slice(0, CHANGES).map((change) => `• ${escapeMrkdwn(change)}`);
  const more = changeCount - shown.length;
  const text = [`*Not confirmed yet: ${title}*`, ...shown, ...(more > 0 ? [`and ${count(more, 'more change')}`] : [])];
  const of = (words: string, actionId: string, style: { readonly style?: 'primary' } = {}) =>
    button(words, actionId, { value, label: `${words}: ${title}`, ...style });
  return [
    section(text.join('\n')),
    actions([of('Confirm restatement', CONFIRM, { style: 'primary' }), of('Keep current costs', DECLINE)]),
  ];
}
