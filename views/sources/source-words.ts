import { Decimal } from '../../src/billing/money/money.ts';
import { periodName } from '../../src/billing/period/period.ts';
import type { SourceSummary } from '../../src/services/sources/sources.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { count, moment, money } from '../kit/figures.ts';

/** `October 2026: 200 rows, EUR 12.50` */
export function deliveryText({ month, rows, sums, state, reason }: SourceSummary['deliveries'][number]): string {
  const title = month === null ? 'Files' : periodName(month);
  const amounts = Object.entries(sums).map(([currency, sum]) => money(new Decimal(sum), currency));
  const figures = rows > 0 ? [count(rows, 'row'), ...amounts].join(', ') : 'not imported yet';
  const words = {
    waiting: 'incomplete',
    unconfirmed: 'not confirmed yet',
    refused: 'refused',
    declined: 'not replaced',
  };
  const about = state === 'imported' ? reason : [words[state], reason].filter(Boolean).join(': ');
  return `${title}: ${figures}${about ? ` · ${escapeMrkdwn(about)}` : ''}`;
}

/** When a source was read, with what was found, and when it will be. */
export function whenText({ lastRunAt, nextRunAt, outcome, isPaused }: SourceSummary): string {
  const last = lastRunAt === null ? 'Not read yet' : `Last run ${moment(lastRunAt)} (${escapeMrkdwn(outcome ?? '')})`;
  const next = isPaused || nextRunAt === null ? 'no next run while it is paused' : `next run ${moment(nextRunAt)}`;
  return `${last} · ${next}`;
}

/** Since when a source fails, and why; nothing if it doesn't. */
export function failureText({ failure, failingSince }: SourceSummary): string[] {
  return failure && failingSince ? [`:warning: Failing since ${moment(failingSince)}: ${escapeMrkdwn(failure)}`] : [];
}
