import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { CREDIT_TYPES, creditTypeName } from '../../src/billing/credit/credit.ts';
import { dayName } from '../../src/billing/period/day.ts';
import { csvHeading, csvRow } from '../../src/documents/csv/csv-row.ts';
import { entering } from '../../src/services/access/rights.ts';
import {
  type CampaignSummary,
  codesOf,
  createCampaign,
  endCampaign,
  listCampaigns,
  type NewCampaign,
} from '../../src/services/credits/credit-campaigns.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  context,
  datepicker,
  externalSelect,
  input,
  loading,
  modal,
  numberInput,
  section,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager, pagerActions, readPager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { Messenger } from '../../src/slack/web-api/messenger.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices } from '../kit/choices.ts';
import { count, money } from '../kit/figures.ts';
import { formModal, type Origin, onForm, openForm, originOf } from '../kit/form.ts';
import { CREDIT_CAMPAIGNS_OPEN } from '../kit/open-actions.ts';

const TITLE = 'Credit campaigns';
const FORM_TITLE = 'New campaign';
const FORM = 'credit.campaign';
const CURRENCY = 'credit.campaign.currency';
const CREATE_OPEN = 'credit.campaign.open';
const CODES = 'credit.campaign.codes';
const END = 'credit.campaign.end';
const PAGE = 'credit.campaigns.page';
const SIZE = 20;
/** So many codes are shown at once; more come as a file. */
const MOST_SHOWN = 20;
const TYPES: readonly Choice[] = CREDIT_TYPES.map((type) => ({ text: creditTypeName(type), value: type }));

/** What stands in the form: texts as they were typed, for the service to judge. */
const typedSchema = z.object({
  ...{ name: z.string(), type: z.enum(CREDIT_TYPES), value: z.string(), currency: z.string() },
  ...{ startDay: z.string().nullable(), endDay: z.string().nullable() },
  ...{ claimsPerCode: z.string(), codes: z.string(), ownCode: z.string().nullable() },
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the account's campaigns: loading at once, then filled. */
export async function openCampaigns(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; account: string }>,
): Promise<void> {
  const opened = await request.openModal(loading(TITLE));
  const { ctx, account } = await find();
  await opened.update(await campaignsModal(ctx, account, 1));
}

/** Opens the form for a new campaign. */
export async function openNewCampaign(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin }>,
): Promise<void> {
  await openForm(request, FORM_TITLE, async () => {
    const { ctx, origin } = await find();
    const { account } = (await entering(ctx, origin.account)).known;
    return form(origin, { ...EMPTY, currency: account.currency });
  });
}

export function registerCreditCampaigns(app: SlackApp, deps: Deps): void {
  onAction(app, CREDIT_CAMPAIGNS_OPEN, (request, action) =>
    openCampaigns(request, async () => ({
      ctx: contextOf(deps, request),
      account: readTarget(action.value).account,
    })),
  );
  onAction(app, pagerActions(PAGE), async (request, action) => {
    const value = readPager(action.value);
    if (!value || !action.view) return;
    const view = await campaignsModal(contextOf(deps, request), String(value.account), value.page);
    await request.client.views.update({ view_id: action.view.id, view });
  });
  onAction(app, CREATE_OPEN, (request, action) =>
    openNewCampaign(request, async () => ({
      ctx: contextOf(deps, request),
      origin: originOf(request, { account: readTarget(action.value).account }),
    })),
  );
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
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onForm<Typed>(app, deps, FORM, {
    title: FORM_TITLE,
    parse(values) {
      const text = (field: string) => (typeof values[field] === 'string' ? values[field] : '');
      const errors: Record<string, string> = {};
      if (text('name').trim() === '') errors.name = 'Give it a name.';
      const type = CREDIT_TYPES.find((one) => one === text('type'));
      if (!type) errors.type = 'Choose a type.';
      if (text('currency') === '') errors.currency = 'Choose a currency.';
      if (!type || Object.keys(errors).length > 0) return { errors };
      const [startDay, endDay, ownCode] = [text('startDay') || null, text('endDay') || null, text('ownCode') || null];
      const rest = { claimsPerCode: text('claimsPerCode') || '1', codes: text('codes') || '1' };
      return {
        ok: {
          name: text('name'),
          type,
          value: text('value'),
          currency: text('currency'),
          startDay,
          endDay,
          ownCode,
          ...rest,
        },
      };
    },
    again: (typed, origin, fault) => form(origin, typed, fault),
    confirm: {
      kept: typedSchema,
      submit: 'Create campaign',
      async text(ctx, typed, { account }) {
        const { campaign } = await rehearsed(ctx, (dry) => createCampaign(dry, account, campaignIn(typed)));
        const { name, currency, claimsLeft } = campaign;
        const most = money(campaign.value.times(claimsLeft), currency);
        const claims = `They can be claimed ${count(claimsLeft, 'time')} in total, for up to *${most}*.`;
        return `You’re about to create credit campaign *${escapeMrkdwn(name)}* with ${worthText(campaign)}. ${claims}`;
      },
      back: (typed, origin) => form(origin, typed),
    },
    async work(ctx, typed, { account }, request) {
      const { campaign, codes } = await createCampaign(ctx, account, campaignIn(typed));
      const left = codes.map((one) => ({ code: one, claimsLeft: Number(typed.claimsPerCode) }));
      const view = await codesModal(request, campaign.name, left);
      const made = `Created credit campaign *${escapeMrkdwn(campaign.name)}* with ${worthText(campaign)}.`;
      return { ...view, blocks: [section(made), ...view.blocks] };
    },
  });
}

function campaignIn({ claimsPerCode, codes, ...rest }: Typed): NewCampaign {
  return { ...rest, claimsPerCode: Number(claimsPerCode), codes: Number(codes) };
}

/** `25 codes worth *EUR 10.00* each` */
function worthText({ codes, value, currency }: CampaignSummary): string {
  const worth = `worth *${money(value, currency)}*`;
  return codes === 1 ? `1 code ${worth}` : `${count(codes, 'code')} ${worth} each`;
}

const EMPTY: Typed = {
  name: '',
  type: 'promotion',
  value: '',
  currency: '',
  startDay: null,
  endDay: null,
  claimsPerCode: '1',
  codes: '1',
  ownCode: null,
};

async function campaignsModal(ctx: Ctx, account: string, page: number): Promise<ModalView> {
  const campaigns = await listCampaigns(ctx, account, { page, size: SIZE });
  const value = target({ account });
  const blocks: KnownBlock[] = [
    actions([button('New campaign', CREATE_OPEN, { value, style: 'primary' })]),
    ...(campaigns.total === 0 ? [section('No codes have been made yet.')] : []),
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
    text: 'Its codes can’t be claimed any more.',
    confirm: 'End it',
    danger: true,
  };
  return [
    section(text),
    actions([
      button('Codes', CODES, { value: about }),
      ...(state === 'active' ? [button('End', END, { value: about, style: 'danger', confirm })] : []),
    ]),
  ];
}

/** The codes themselves; more than a modal shows well come as a file by direct message. */
async function codesModal(
  request: RequestContext,
  name: string,
  codes: readonly { code: string; claimsLeft: number }[],
): Promise<ModalView> {
  const shown = codes.slice(0, MOST_SHOWN).map((one) => `${code(one.code)} · ${count(one.claimsLeft, 'claim')} left`);
  const blocks: KnownBlock[] = [
    section(`*${escapeMrkdwn(name)}* · ${count(codes.length, 'code')}`),
    section(shown.join('\n')),
  ];
  if (codes.length > MOST_SHOWN) {
    await sendCodes(request, name, codes);
    blocks.push(context('All of them are in a file that I have sent you by direct message.'));
  }
  blocks.push(context('Whoever may edit a group can claim them: `/billing credit claim CODE GROUP`.'));
  return modal({ title: 'Codes', close: 'Done', blocks });
}

async function sendCodes(
  request: RequestContext,
  name: string,
  codes: readonly { code: string; claimsLeft: number }[],
): Promise<void> {
  const channelId = await new Messenger(request.client).directMessages(request.userId);
  const rows = codes.map((one) => csvRow([one.code, String(one.claimsLeft)]));
  const file = `codes-${name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}.csv`;
  const content = [csvHeading(['code', 'claims_left']), ...rows].join('');
  await request.client.filesUploadV2({ channel_id: channelId, filename: file, title: file, content });
}

function form(origin: Origin, typed: Typed, fault?: string): ModalView {
  const currency = typed.currency === '' ? undefined : currencyChoice(typed.currency);
  return formModal({
    title: FORM_TITLE,
    callbackId: FORM,
    submit: 'Review campaign',
    origin,
    fault,
    blocks: [
      input('name', 'Name', textInput('credit.campaign.name', { initial: typed.name, maxLength: 100 })),
      input(
        'type',
        'Type',
        staticSelect('credit.campaign.type', TYPES, { initial: TYPES.find(({ value }) => value === typed.type) }),
        {
          hint: 'A purchase pays after tax; every other type lowers the net before it.',
        },
      ),
      input(
        'value',
        'Value of each',
        textInput('credit.campaign.value', { initial: typed.value, placeholder: '400.00', maxLength: 30 }),
      ),
      input('currency', 'Currency', externalSelect(CURRENCY, { initial: currency })),
      input('startDay', 'Valid from', datepicker('credit.campaign.start', typed.startDay ?? undefined), {
        optional: true,
        hint: 'Left empty: from now on.',
      }),
      input('endDay', 'Valid until', datepicker('credit.campaign.end_day', typed.endDay ?? undefined), {
        optional: true,
        hint: 'The whole day. Left empty: without end.',
      }),
      input(
        'claimsPerCode',
        'How often a code can be claimed',
        numberInput('credit.campaign.claims', { decimal: false, initial: typed.claimsPerCode }),
      ),
      input('codes', 'How many codes', numberInput('credit.campaign.count', { decimal: false, initial: typed.codes })),
      input(
        'ownCode',
        'Or a code of your own',
        textInput('credit.campaign.own', { initial: typed.ownCode ?? undefined, maxLength: 40 }),
        {
          optional: true,
        },
      ),
    ],
  });
}
