import { describe, expect, it } from '@jest/globals';
import { completeSeller, type Seller } from '../../../src/billing/account/seller.ts';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import {
  type DryRunFigures,
  dryRunTotals,
  missingBuyerDetails,
  missingSellerDetails,
} from '../../../src/billing/invoice/dry-run.ts';
import { homeCurrency } from '../../../src/billing/money/home-currency.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { dayName } from '../../../src/billing/period/day.ts';
import { STANDARD_RATES } from '../../../src/billing/tax/standard-rates.ts';

describe('dry run totals', () => {
  const figures = (currency: string, net: string, heldBack: string | null = null): DryRunFigures => ({
    ...{ currency, heldBack, net: new Decimal(net), tax: new Decimal(net).times('0.1') },
    total: new Decimal(net).times('1.1'),
  });

  it('include the invoices that would be issued, by currency', () => {
    const all = [figures('USD', '10'), figures('EUR', '1'), figures('EUR', '2.5'), figures('EUR', '50', 'no rate')];
    const said = dryRunTotals(all).map(({ currency, invoices, net, tax, total }) =>
      [currency, invoices, net, tax, total].join(' '),
    );
    expect(said).toEqual(['EUR 2 3.5 0.35 3.85', 'USD 1 10 1 11']);
    expect(dryRunTotals([figures('CHF', '3', 'no rate')])).toEqual([]);
  });
});

describe('missing buyer details', () => {
  const complete: BillingInformation = {
    ...NO_BILLING_INFORMATION,
    ...{ company: 'Buyer', addressLines: ['Street 1'], city: 'Paris', countryCode: 'FR', billingEmails: ['a@b.fr'] },
    ...{ vatId: 'FR12123456789', vatState: 'valid' },
  };
  const lacks = (over: Partial<BillingInformation>) => missingBuyerDetails({ ...complete, ...over }, new Decimal(1));

  it('are none when all are there, or nothing is to be invoiced', () => {
    expect(lacks({})).toEqual([]);
    expect(missingBuyerDetails(NO_BILLING_INFORMATION, new Decimal(0))).toEqual([]);
    expect(missingBuyerDetails(NO_BILLING_INFORMATION, new Decimal(-1))).toHaveLength(4);
  });

  it.each<[string, Partial<BillingInformation>]>([
    ['no company', { company: ' ' }],
    ['incomplete address', { addressLines: [] }],
    ['incomplete address', { city: '' }],
    ['no country', { countryCode: '' }],
    ['no email address', { billingEmails: [] }],
    ['VAT ID not confirmed yet', { vatState: 'unconfirmed' }],
    ['VAT ID not valid', { vatState: 'invalid' }],
  ])('are named: %s', (words, over) => {
    expect(lacks(over)).toEqual([expect.stringContaining(words)]);
  });

  it('include an email address only if nobody else receives the invoice or can be contacted', () => {
    expect(lacks({ billingEmails: [], contactEmails: ['a@b.fr'] })).toEqual([]);
    expect(lacks({ billingEmails: ['a@b.fr'], contactEmails: ['c@d.fr'] })).toEqual([]);
  });

  it('don’t include a VAT ID that nobody entered', () => {
    expect(lacks({ vatId: '', vatState: 'unconfirmed' })).toEqual([]);
    expect(lacks({ vatId: '', vatState: 'invalid' })).toEqual([]);
  });
});

describe('missing seller details', () => {
  const complete: Seller = {
    ...{ legalName: 'Seller', addressLines: ['Street 1'], city: 'Berlin', countryCode: 'DE', vatId: 'DE123456788' },
    iban: 'DE89370400440532013000',
  };
  const lacks = (over: Partial<Seller>, facts?: Parameters<typeof missingSellerDetails>[1]) =>
    missingSellerDetails(completeSeller({ ...complete, ...over }), facts);

  it('are none when all are there', () => {
    expect(lacks({})).toEqual([]);
  });

  it.each<[string, Partial<Seller>]>([
    ['no legal name', { legalName: ' ' }],
    ['incomplete address', { addressLines: [] }],
    ['incomplete address', { city: '' }],
    ['no country', { countryCode: '' }],
    ['no VAT ID: no tax is charged', { vatId: '' }],
    ['no IBAN', { iban: '' }],
  ])('are named: %s', (words, over) => {
    expect(lacks(over)).toEqual([expect.stringContaining(words)]);
  });

  it('include a VAT ID if tax would be charged without one or a sufficient tax number', () => {
    expect(lacks({ vatId: '' }, { isTaxNumberSufficient: true })).toEqual(['no VAT ID']);
  });

  it('include a rate that nobody has reviewed for two years, unless the account has its own', () => {
    const row = STANDARD_RATES.find(({ area, until }) => area === 'DE' && until === null);
    const reviewed = [row?.from ?? '', row?.reviewed ?? ''].sort().at(-1) ?? '';
    const [year, rest] = [Number(reviewed.slice(0, 4)), reviewed.slice(4)];
    const day = `${year + 3}${rest}`;
    expect(lacks({}, { day })).toEqual([
      expect.stringContaining(`of Germany was last reviewed on ${dayName(reviewed)}`),
    ]);
    expect(lacks({}, { day: `${year + 1}${rest}` })).toEqual([]);
    expect(lacks({}, { day, hasOwnRate: true })).toEqual([]);
    expect(lacks({ countryCode: '' }, { day })).toEqual([expect.stringContaining('no country')]);
    expect(lacks({})).toEqual([]);
  });
});

describe('the currency in which a seller states tax', () => {
  it.each([
    ['EUR', 'AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK MC'],
    ['CZK', 'CZ'],
    ['DKK', 'DK'],
    ['HUF', 'HU'],
    ['PLN', 'PL'],
    ['RON', 'RO'],
    ['SEK', 'SE'],
    ['CHF', 'CH LI'],
    ['GBP', 'GB IM'],
    ['NOK', 'NO'],
  ])('is %s in %s', (currency, countries) => {
    expect(countries.split(' ').map(homeCurrency)).toEqual(countries.split(' ').map(() => currency));
  });

  it('is unknown elsewhere', () => {
    expect([homeCurrency('US'), homeCurrency(''), homeCurrency('JP')]).toEqual([undefined, undefined, undefined]);
  });
});
