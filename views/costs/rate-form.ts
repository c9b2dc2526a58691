import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { dayName } from '../../src/billing/period/day.ts';
import { type ManualRate, setRate } from '../../src/services/costs/rates.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../src/slack/app/listeners.ts';
import { datepicker, externalSelect, input, textInput } from '../../src/slack/blocks/blocks.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { readTarget } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices } from '../kit/choices.ts';
import { formModal, onForm, originOf } from '../kit/form.ts';
import { RATE_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { rateLine } from './rates.ts';

const TITLE = 'Exchange rate';
const FORM = 'rate.set';
const BASE = 'rate.set.base';
const CURRENCY = 'rate.set.currency';

const typedSchema = z.object({
  ...{ base: z.string(), currency: z.string(), rate: z.string() },
  /** YYYY-MM-DD, or empty for today. */
  date: z.string(),
});
type Typed = z.infer<typeof typedSchema>;

/** The form for entering a rate manually. */
export function registerRateForm(app: SlackApp, deps: Deps): void {
  onAction(app, RATE_OPEN, async (request, action) => {
    const { account } = readTarget(action.value);
    await request.openModal(
      form(originOf(request, { account }, action.view), { base: 'EUR', currency: '', rate: '', date: '' }),
    );
  });
  for (const menu of [BASE, CURRENCY]) onOptions(app, menu, async (_request, { typed }) => currencyChoices(typed));
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse: (values) => ({ ok: read(values) }),
    again: (typed, origin, fault) => form(origin, typed, fault),
    confirm: {
      kept: typedSchema,
      submit: 'Set exchange rate',
      async text(ctx, typed, origin) {
        const { base, currency, rate, date } = await rehearsed(ctx, (dry) => setRate(dry, rateIn(typed, origin)));
        const what = `*1 ${base} = ${rate.toFixed()} ${currency}*`;
        return `You’re about to set the exchange rate for ${dayName(date)} to ${what}.`;
      },
      back: (typed, origin) => form(origin, typed),
    },
    async work(ctx, typed, origin) {
      const set = await setRate(ctx, rateIn(typed, origin));
      return `Exchange rate set: ${rateLine(set)}. Invoices that were held back for this rate will be recalculated, and issued when they are due.`;
    },
  });
}

function read(values: FormValues): Typed {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name].trim() : '');
  return { base: text('base'), currency: text('currency'), rate: text('rate'), date: text('date') };
}

function rateIn({ date, ...typed }: Typed, { account }: Origin): ManualRate {
  return { accountId: account, ...typed, ...(date !== '' && { date }) };
}

function form(origin: Origin, typed: Typed, fault?: string): ModalView {
  const chosen = (code: string) => (code === '' ? {} : { initial: currencyChoice(code) });
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Review exchange rate',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      input('base', 'Base currency', externalSelect(BASE, chosen(typed.base))),
      input('currency', 'Quote currency', externalSelect(CURRENCY, chosen(typed.currency))),
      input('rate', 'Rate', textInput('rate.set.rate', { initial: typed.rate, maxLength: 30, placeholder: '1.0857' }), {
        hint: 'The value of one unit of the base currency in the quote currency.',
      }),
      input('date', 'Day', datepicker('rate.set.date', typed.date === '' ? undefined : typed.date), {
        optional: true,
        hint: 'Leave empty for today. A rate is valid for one week.',
      }),
    ],
  });
}
