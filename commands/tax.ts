import { countryName } from '../src/billing/group/country.ts';
import { dayName } from '../src/billing/period/day.ts';
import { Refusal } from '../src/billing/refusal.ts';
import type { TaxOverride } from '../src/billing/tax/tax.ts';
import { setTaxRate, taxesNow } from '../src/services/accounts/invoice-settings.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { mayAdminister, unless } from './parse/who-may.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

/** The answer for a country without a current standard rate. */
const NO_RATE = {
  rate: '',
  no_tax: 'this tax doesn’t apply there',
  unknown: 'the standard rate isn’t known, so an owner has to enter it before invoices can be issued',
} as const;
const COUNTRY = /^[a-z]{2}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export function tax(deps: Deps): Subcommand {
  return {
    name: 'tax',
    summary:
      'Show or set tax rates, for one service or all, in the seller’s country or for consumers in another EU country (One Stop Shop).',
    usage: '[set RATE [in COUNTRY] [FROM] [SERVICE] [REASON]]',
    examples: [
      'tax',
      'tax set 7 2027-01-01 "Books"',
      'tax set 10 in AT 2027-01-01',
      'tax set exempt "Training" "Article 132 of Directive 2006/112/EC"',
    ],
    topic: 'Invoices',
    partFor: unless(mayAdminister, {
      summary: 'Show the tax rates.',
      usage: '',
      examples: ['tax'],
    }),
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const [verb, ...rest] = words;
      if (verb) await setTaxRate(ctx, account._id, readRate(verb, rest, await taxesNow(ctx, account._id)));
      const { country, standard, overrides, elsewhere, kind } = await taxesNow(ctx, account._id);
      const lines = overrides.map((one) => `• ${overrideText(one)}`);
      const table = standard === undefined ? NO_RATE[kind] : `${standard.toFixed()}% (standard rate)`;
      const text =
        country === ''
          ? 'The seller has no country yet, so no tax is calculated. An owner can set it with `/billing settings`.'
          : [
              `*Tax in ${countryName(country)}:* ${table}${lines.length === 0 ? '.' : `, except:\n${lines.join('\n')}`}`,
              ...elsewhere.map(
                (one) => `*Tax in ${countryName(one.country)}*, for consumers there: ${overrideText(one)}`,
              ),
            ].join('\n');
      await context.respond({ text });
    },
  };
}

function overrideText({ category, rate, from, serviceName, reason }: TaxOverride): string {
  const what = category === 'E' ? 'exempt' : `${rate}%`;
  const on = serviceName === null ? 'on all services' : `on ${escapeMrkdwn(serviceName)}`;
  return `${what} ${on} from ${dayName(from)}${reason === null ? '' : ` (${escapeMrkdwn(reason)})`}`;
}

/** `set 7 2027-01-01 "Books"`: today without a day, all services without a service. */
function readRate(
  verb: Word,
  [value, ...typed]: readonly Word[],
  { country: home, today }: { readonly country: string; readonly today: string },
): TaxOverride {
  if (verb.text.toLowerCase() !== 'set' || !value) {
    throw new Refusal('invalid_command', {
      problem: 'Enter a tax rate.',
      usage: 'Type `/billing tax set RATE FROM SERVICE`, such as `/billing tax set 7 2027-01-01 "Books"`.',
    });
  }
  if (home === '') {
    throw new Refusal('no_country');
  }
  // `19 %` is one rate in two words
  const others = typed[0]?.text === '%' ? typed.slice(1) : typed;
  const [preposition, named] = others;
  const isNamed = preposition?.text.toLowerCase() === 'in' && named !== undefined && COUNTRY.test(named.text);
  const country = isNamed ? named.text.toUpperCase() : home;
  const rest = isNamed ? others.slice(2) : others;
  const [first] = rest;
  const from = first && DATE.test(first.text) ? first.text : today;
  const [service, reason] = first && DATE.test(first.text) ? rest.slice(1) : rest;
  const rate = value.text;
  const isExempt = rate.toLowerCase() === 'exempt';
  const category = isExempt ? 'E' : /^0+([.,]0+)?%?$/.test(rate) ? 'Z' : 'S';
  return {
    ...{ country, from, category },
    rate: category === 'S' ? rate : '0',
    serviceName: service?.text ?? null,
    reason: isExempt ? (reason?.text ?? null) : null,
  };
}
