import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { CREDIT_TYPES, creditTypeName } from '../../src/billing/credit/credit.ts';
import { entering } from '../../src/services/access/rights.ts';
import { type CampaignSummary, createCampaign, type NewCampaign } from '../../src/services/credits/credit-campaigns.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  datepicker,
  externalSelect,
  input,
  numberInput,
  section,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices } from '../kit/choices.ts';
import { count, money } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { codesModal } from './campaign-codes.ts';

/** The button that opens the form. Its value is a target with the account. */
export const CAMPAIGN_FORM_OPEN = 'credit.campaign.open';

const FORM_TITLE = 'New campaign';
const FORM = 'credit.campaign';
const CURRENCY = 'credit.campaign.currency';
const TYPES: readonly Choice[] = CREDIT_TYPES.map((type) => ({ text: creditTypeName(type), value: type }));

/** The form's values: texts as typed, which the service validates. */
const typedSchema = z.object({
  ...{ name: z.string(), type: z.enum(CREDIT_TYPES), value: z.string(), currency: z.string() },
  ...{ startDay: z.string().nullable(), endDay: z.string().nullable() },
  ...{ claimsPerCode: z.string(), codes: z.string(), ownCode: z.string().nullable() },
});
type Typed = z.infer<typeof typedSchema>;

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

/** The form that creates a campaign with its codes. */
export function registerCampaignForm(app: SlackApp, deps: Deps): void {
  onAction(app, CAMPAIGN_FORM_OPEN, (request, action) =>
    openNewCampaign(request, async () => ({
      ctx: contextOf(deps, request),
      origin: originOf(request, { account: readTarget(action.value).account }),
    })),
  );
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onForm<Typed>(app, deps, FORM, {
    title: FORM_TITLE,
    parse(values) {
      const text = (field: string) => (typeof values[field] === 'string' ? values[field] : '');
      const errors: Record<string, string> = {};
      if (text('name').trim() === '') errors.name = 'Enter a name.';
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
        const claims = `Up to ${count(claimsLeft, 'claim')} in total, worth *${most}*.`;
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
          hint: 'Purchased credits are applied after tax. All other types reduce the total before tax.',
        },
      ),
      input(
        'value',
        'Value per claim',
        textInput('credit.campaign.value', { initial: typed.value, placeholder: '400.00', maxLength: 30 }),
      ),
      input('currency', 'Currency', externalSelect(CURRENCY, { initial: currency })),
      input('startDay', 'Valid from', datepicker('credit.campaign.start', typed.startDay ?? undefined), {
        optional: true,
        hint: 'Leave empty to start now.',
      }),
      input('endDay', 'Valid until', datepicker('credit.campaign.end_day', typed.endDay ?? undefined), {
        optional: true,
        hint: 'Valid until the end of this day. Leave empty for no end date.',
      }),
      input(
        'claimsPerCode',
        'Claims per code',
        numberInput('credit.campaign.claims', { decimal: false, initial: typed.claimsPerCode }),
      ),
      input('codes', 'Number of codes', numberInput('credit.campaign.count', { decimal: false, initial: typed.codes })),
      input(
        'ownCode',
        'Custom code',
        textInput('credit.campaign.own', { initial: typed.ownCode ?? undefined, maxLength: 40 }),
        {
          optional: true,
        },
      ),
    ],
  });
}
