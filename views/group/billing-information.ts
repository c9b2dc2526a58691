import type { InputBlockElement, KnownBlock, ModalView } from '@slack/types';
import type { BillingField, FieldKind } from '../../src/billing/group/billing-field.ts';
import { FIELD_NAMES, type FieldName, fieldOf, inputNameOf } from '../../src/billing/group/billing-fields.ts';
import { type BillingInput, billingInputSchema, toInput } from '../../src/billing/group/billing-input.ts';
import { COUNTRIES, countryName } from '../../src/billing/group/country.ts';
import { judgeVatId } from '../../src/billing/tax/vat-id.ts';
import {
  billingOf,
  setBillingInformation,
  setCurrency,
  versionOf,
} from '../../src/services/groups/billing-information.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../src/slack/app/listeners.ts';
import { type Choice, externalSelect, input, section, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { type FormValues, fieldErrors } from '../../src/slack/requests/form-values.ts';
import { readTarget } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices, matching } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { BILLING_EDIT, CURRENCY_EDIT } from './billing.ts';

const TITLE = 'Billing information';
const FORM = 'billing.edit';
const COUNTRY = 'billing.country';
const CURRENCY_TITLE = 'Currency';
const CURRENCY_FORM = 'billing.currency';
const CURRENCY = 'billing.currency.select';
const COUNTRY_CHOICES: readonly Choice[] = COUNTRIES.map(countryChoice);

type ElementOf = (actionId: string, value: string, field: BillingField) => InputBlockElement;

const SEVERAL_LINES: ElementOf = (actionId, initial) => textInput(actionId, { initial, multiline: true });

/**
 * The input for each kind of field. It accepts more than the field's limit, so that the excess is reported and not cut.
 */
const ELEMENTS: Readonly<Record<FieldKind, ElementOf>> = {
  line: (actionId, initial, { limit }) => textInput(actionId, { initial, maxLength: Math.max(200, 2 * limit) }),
  text: SEVERAL_LINES,
  lines: SEVERAL_LINES,
  emails: SEVERAL_LINES,
  country: (_actionId, code) =>
    externalSelect(COUNTRY, { ...(code !== '' && { initial: countryChoice(code) }), placeholder: 'Type to search' }),
};

/** The forms for a group's billing information and its currency. */
export function registerBillingInformation(app: SlackApp, deps: Deps): void {
  onAction(app, BILLING_EDIT, (request, action) =>
    openForm(request, TITLE, async () => {
      const { account, group } = readTarget(action.value);
      const { billing } = await billingOf(contextOf(deps, request), account, group);
      const origin = originOf(request, { account, group, more: { version: versionOf(billing) } }, action.view);
      return billingForm(origin, toInput(billing));
    }),
  );
  onOptions(app, COUNTRY, async (_request, { typed }) => matching(COUNTRY_CHOICES, typed));
  onForm<BillingInput>(app, deps, FORM, {
    title: TITLE,
    parse(values) {
      const typed = read(values);
      const parsed = billingInputSchema.safeParse(typed);
      const errors = parsed.success ? {} : fieldErrors(parsed.error, 'company');
      const judged = judgeVatId(typed.vatId, typed.countryCode);
      if ('fault' in judged) errors.vatId ??= judged.fault;
      return Object.keys(errors).length === 0 ? { ok: typed } : { errors };
    },
    async again(typed, origin, fault, ctx) {
      // a person who has been warned of another's change can still save
      const { billing } = await billingOf(ctx, origin.account, origin.group);
      return billingForm({ ...origin, more: { version: versionOf(billing) } }, typed, fault);
    },
    async work(ctx, typed, { account, group, more }) {
      const of = {
        accountId: account,
        billingGroupId: group,
        ...(more.version !== undefined && { version: more.version }),
      };
      const saved = await setBillingInformation(ctx, of, typed);
      return saved.vatState === 'unconfirmed'
        ? 'Saved. The VAT ID applies once the tax office has confirmed it.'
        : 'Saved.';
    },
  });
  registerCurrency(app, deps);
}

function registerCurrency(app: SlackApp, deps: Deps): void {
  onAction(app, CURRENCY_EDIT, (request, action) =>
    openForm(request, CURRENCY_TITLE, async () => {
      const { account, group } = readTarget(action.value);
      const { currency, name } = await billingOf(contextOf(deps, request), account, group);
      return currencyForm(originOf(request, { account, group, more: { name } }, action.view), currency);
    }),
  );
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onForm<string>(app, deps, CURRENCY_FORM, {
    title: CURRENCY_TITLE,
    parse: ({ currency }) =>
      typeof currency === 'string' ? { ok: currency } : { errors: { currency: 'Choose a currency.' } },
    again: (currency, origin, fault) => currencyForm(origin, currency, fault),
    async work(ctx, currency, { account, group }) {
      await setCurrency(ctx, { accountId: account, billingGroupId: group, currency });
      return `New invoices will be in ${currency}.`;
    },
  });
}

function currencyForm(origin: Origin, currency: string, fault?: string): ModalView {
  return formModal({
    title: CURRENCY_TITLE,
    callbackId: CURRENCY_FORM,
    submit: 'Save',
    origin,
    fault,
    blocks: [
      section(
        `The currency of *${escapeMrkdwn(origin.more.name ?? '')}* can only change while it has no costs or invoices in another currency.`,
      ),
      input('currency', 'Currency', externalSelect(CURRENCY, { initial: currencyChoice(currency) })),
    ],
  });
}

/** The billing information form, with typed or stored values. */
export function billingForm(origin: Origin, typed: BillingInput, fault?: string): ModalView {
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Save',
    origin,
    fault,
    blocks: FIELD_NAMES.map((name) => fieldInput(name, typed[inputNameOf(name)] ?? '')),
  });
}

function fieldInput(name: FieldName, value: string): KnownBlock {
  const field = fieldOf(name);
  const { label, hint } = field;
  const element = ELEMENTS[field.kind](`billing.${inputNameOf(name)}`, value, field);
  return input(inputNameOf(name), label, element, { optional: true, ...(hint !== undefined && { hint }) });
}

function read(values: FormValues): BillingInput {
  const typed = FIELD_NAMES.map((name) => {
    const value = values[inputNameOf(name)];
    return [inputNameOf(name), typeof value === 'string' ? value : ''];
  });
  // a text for each field in the list
  return Object.fromEntries(typed) as BillingInput;
}

function countryChoice(code: string): Choice {
  return { text: countryName(code), value: code };
}
