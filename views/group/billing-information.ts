import type { ModalView } from '@slack/types';
import {
  BILLING_LIMITS,
  type BillingInput,
  billingInputSchema,
  toInput,
} from '../../src/billing/group/billing-input.ts';
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

/** The forms of who a group's invoices are made out to, and of its currency. */
export function registerBillingInformation(app: SlackApp, deps: Deps): void {
  onAction(app, BILLING_EDIT, (request, action) =>
    openForm(request, TITLE, async () => {
      const { account, group } = readTarget(action.value);
      const { billing } = await billingOf(contextOf(deps, request), account, group);
      const origin = originOf(request, { account, group, more: { version: versionOf(billing) } }, action.view);
      return form(origin, toInput(billing));
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
      // anyone who has read that another was quicker may save in spite of it
      const { billing } = await billingOf(ctx, origin.account, origin.group);
      return form({ ...origin, more: { version: versionOf(billing) } }, typed, fault);
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

function form(origin: Origin, typed: BillingInput, fault?: string): ModalView {
  const text = (name: string, label: string, value: string, maxLength: number, hint?: string) =>
    input(name, label, textInput(`billing.${name}`, { initial: value, maxLength }), {
      optional: true,
      ...(hint !== undefined && { hint }),
    });
  const lines = (name: string, label: string, value: string, hint: string, maxLength = 3_000) =>
    input(name, label, textInput(`billing.${name}`, { initial: value, multiline: true, maxLength }), {
      optional: true,
      hint,
    });
  const country = typed.countryCode === '' ? undefined : countryChoice(typed.countryCode);
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Save',
    origin,
    fault,
    blocks: [
      // more than the limits may be typed, so that a word too many is told rather than cut
      text('company', 'Company', typed.company, 200),
      lines(
        'address',
        'Address',
        typed.address,
        `At most ${BILLING_LIMITS.addressLines} lines: street, number, floor.`,
        500,
      ),
      text('zipCode', 'Postal code', typed.zipCode, 100),
      text('city', 'City', typed.city, 100),
      text('state', 'State or region', typed.state, 100),
      input(
        'countryCode',
        'Country',
        externalSelect(COUNTRY, { ...(country && { initial: country }), placeholder: 'Type to search' }),
        {
          optional: true,
        },
      ),
      text('vatId', 'VAT ID', typed.vatId, 100, 'With or without the country prefix. Spaces and dots are ignored.'),
      lines('billingEmails', 'Invoices go to', typed.billingEmails, 'Email addresses, one per line, at most ten.'),
      lines(
        'contactEmails',
        'Contacts for questions',
        typed.contactEmails,
        'Email addresses, one per line, at most ten.',
      ),
      lines(
        'extraText',
        'Printed on the invoice',
        typed.extraText,
        'Text for the buyer, such as a cost center. At most 1,000 characters.',
      ),
      text(
        'buyerReference',
        'Buyer reference',
        typed.buyerReference ?? '',
        200,
        'The buyer’s own reference for invoices. For public buyers in Germany, the Leitweg-ID.',
      ),
      text('orderNumber', 'Purchase order number', typed.orderNumber ?? '', 200),
      text(
        'electronicAddress',
        'Electronic address',
        typed.electronicAddress ?? '',
        100,
        'Peppol scheme and identifier, such as 0208:0123456749. Leave it empty to derive it from the VAT ID.',
      ),
    ],
  });
}

function read(values: FormValues): BillingInput {
  const text = (name: string): string => {
    const value = values[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    company: text('company'),
    address: text('address'),
    city: text('city'),
    state: text('state'),
    zipCode: text('zipCode'),
    countryCode: text('countryCode'),
    vatId: text('vatId'),
    billingEmails: text('billingEmails'),
    contactEmails: text('contactEmails'),
    extraText: text('extraText'),
    buyerReference: text('buyerReference'),
    orderNumber: text('orderNumber'),
    electronicAddress: text('electronicAddress'),
  };
}

function countryChoice(code: string): Choice {
  return { text: countryName(code), value: code };
}
