import type { KnownBlock } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import { creditTypeName } from '../../src/billing/credit/credit.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { type CreditSummary, listCredits, remainingCredits } from '../../src/services/credits/credits.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { target } from '../kit/action-target.ts';
import { count, day, money, projectTitle } from '../kit/figures.ts';
import { whoText } from '../kit/person.ts';
import { GROUP_PAGE, type Tab } from './tab.ts';

/** Opens the form that claims a code. Its value is a target with account and group. */
export const CREDIT_CLAIM_OPEN = 'credit.claim.open';

const SIZE = 15;

/** A group's credits: what is left of each, and where the rest was used. */
export const creditsTab: Tab = async ({ ctx, place, group }) => {
  const page = await listCredits(ctx, place.account, { page: place.page, size: SIZE, billingGroupId: group.id });
  const left = await remainingCredits(ctx, place.account, group.id);
  const { role } = ctx.known;
  const mayEdit = group.state === 'active' && (role === null || may(role, 'edit_groups'));
  const value = target({ account: place.account, group: group.id });
  const blocks: KnownBlock[] = [section(`*${money(left, group.currency)}* in credits left`)];
  if (mayEdit) blocks.push(actions([button('Claim a code', CREDIT_CLAIM_OPEN, { value })]));
  if (page.total === 0) return [...blocks, section('No credits have been claimed for this group.')];
  return [
    ...blocks,
    ...page.items.map((credit) => section(creditText(credit))),
    context(`${count(page.total, 'credit')}. Credits are used before the payment method`),
    ...pager({ page: page.page, pages: page.pages, actionId: GROUP_PAGE, value: place }),
  ];
};

/** A credit in a few lines: its value and what is left, its scope, its expiry, and where it was used. */
export function creditText(credit: CreditSummary): string {
  const { value, remaining, currency, standing, project, lastDay, claimedBy, claimedAt, used, paidOut } = credit;
  const forWhat = project ? `for *${projectTitle(project)}*` : 'for the whole group';
  const until = lastDay === null ? '' : ` · valid until ${dayName(lastDay)}`;
  const by = claimedBy === 'automation' || claimedBy === 'operator' ? '' : ` by ${whoText(claimedBy)}`;
  const where = used
    .slice(-5)
    .map(({ invoice, amount }) => `${escapeMrkdwn(invoice)}: ${money(amount, currency)}`)
    .join(', ');
  return [
    `*${money(remaining, currency)}* of ${money(value, currency)} · ${escapeMrkdwn(credit.code)} · ${creditTypeName(credit.type)} · ${standing}`,
    `${forWhat} · claimed ${day(claimedAt)}${by}${until}`,
    ...(where === '' ? [] : [`Used on ${where}`]),
    ...(paidOut.isZero() ? [] : [`Paid out: ${money(paidOut, currency)}`]),
  ].join('\n');
}
