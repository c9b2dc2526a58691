import type { KnownBlock, ModalView } from '@slack/types';
import { creditTypeName } from '../../src/billing/credit/credit.ts';
import { dayName } from '../../src/billing/period/day.ts';
import {
  type CampaignSummary,
  codesOf,
  endCampaign,
  listCampaigns,
} from '../../src/services/credits/credit-campaigns.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, loading, modal, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { accountOfButton, type FindAccount, onAccountPages, openAccountModal } from '../kit/account-modal.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { count, money } from '../kit/figures.ts';
import { CREDIT_CAMPAIGNS_OPEN } from '../kit/open-actions.ts';
import { codesModal } from './campaign-codes.ts';
import { CAMPAIGN_FORM_OPEN } from './campaign-form.ts';

const TITLE = 'Credit campaigns';
const CODES = 'credit.campaign.codes';
const END = 'credit.campaign.end';
const PAGE = 'credit.campaigns.page';
const SIZE = 20;

/** Opens an account's credit campaigns. */
export function openCampaigns(request: RequestContext, find: FindAccount): Promise<void> {
  return openAccountModal(request, TITLE, find, (ctx, account) => campaignsModal(ctx, account, 1));
}

export function registerCreditCampaigns(app: SlackApp, deps: Deps): void {
  onAction(app, CREDIT_CAMPAIGNS_OPEN, (request, action) =>
    openCampaigns(request, accountOfButton(deps, request, action)),
  );
  onAccountPages(app, deps, PAGE, campaignsModal);
  onAction(app, END, async (request, action) => {
    const { account, campaign } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await endCampaign(ctx, account, campaign);
    if (!action.view) return;
    const view = await campaignsModal(ctx, account, 1);
    await request.client.views.update({ view_id: action.view.id, view });
  });
  onAction(app, CODES, async (request, action) => {
    const { account, campaign } = readTarget(action.value);
    const opened = await request.openModal(loading('Codes'));
    const { name, codes } = await codesOf(contextOf(deps, request), account, campaign);
    await opened.update(await codesModal(request, name, codes));
  });
}

async function campaignsModal(ctx: Ctx, account: string, page: number): Promise<ModalView> {
  const campaigns = await listCampaigns(ctx, account, { page, size: SIZE });
  const value = target({ account });
  const blocks: KnownBlock[] = [
    actions([button('New campaign', CAMPAIGN_FORM_OPEN, { value, style: 'primary' })]),
    ...(campaigns.total === 0 ? [section('No credit campaigns yet.')] : []),
    ...campaigns.items.flatMap((campaign) => campaignBlocks(account, campaign)),
    ...pager({ page: campaigns.page, pages: campaigns.pages, actionId: PAGE, value: { account } }),
  ];
  return modal({ title: TITLE, blocks });
}

function campaignBlocks(account: string, campaign: CampaignSummary): KnownBlock[] {
  const { id, name, type, value, currency, firstDay, lastDay, state, codes, claimsLeft } = campaign;
  const until = lastDay === null ? '' : ` until ${dayName(lastDay)}`;
  const text = `*${escapeMrkdwn(name)}*${state === 'ended' ? ' · ended' : ''}\n${money(value, currency)} · ${creditTypeName(type)} · ${count(codes, 'code')}, ${count(claimsLeft, 'claim')} left · from ${dayName(firstDay)}${until}`;
  const about = target({ account, campaign: id });
  const confirm = {
    title: 'End this campaign?',
    text: 'Its codes can no longer be claimed.',
    confirm: 'End campaign',
    danger: true,
  };
  return [
    section(text),
    actions([
      button('View codes', CODES, { value: about }),
      ...(state === 'active' ? [button('End campaign', END, { value: about, style: 'danger', confirm })] : []),
    ]),
  ];
}
