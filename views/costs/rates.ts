import type { Rate } from '../../src/billing/money/rate.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { listRates } from '../../src/services/costs/rates.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { listReply } from '../kit/figures.ts';

const PAGE = 'rates.page';
const SIZE = 30;

/** A page of an account's exchange rates, the latest day first. */
export async function ratesReply(ctx: Ctx, accountId: string, page: number): Promise<Reply> {
  return listReply({
    title: 'Exchange rates',
    page: await listRates(ctx, accountId, { page, size: SIZE }),
    line: (rate) => section(rateLine(rate)),
    none: 'No exchange rates yet. Enter the value of one euro, such as `/billing rate set USD 1.0857 2026-10-30`.',
    actionId: PAGE,
    value: { account: accountId },
  });
}

/** `30 October 2026 · 1 EUR = 1.0857 USD · ECB` */
export function rateLine({ date, base, currency, rate, source }: Rate): string {
  return `${dayName(date)} · 1 ${base} = ${rate.toFixed()} ${currency} · ${escapeMrkdwn(source)}`;
}

export function registerRates(app: SlackApp, deps: Deps): void {
  onAction(app, pagerActions(PAGE), async (request, action) => {
    const value = readPager(action.value);
    if (value) await request.respond(await ratesReply(contextOf(deps, request), String(value.account), value.page));
  });
}
