import { describe, expect, it } from '@jest/globals';
import { completeSeller } from '../../src/billing/account/seller.ts';
import { missingSellerDetails } from '../../src/billing/invoice/dry-run.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { taxAmounts, taxBlockers, taxTerms } from '../../src/billing/tax/tax.ts';
import { heldBackText, sellerLackText } from '../../src/slack/refusal-texts/held-back-texts.ts';

const SELLER = {
  ...{ legalName: 'A', addressLines: ['1'], zipCode: '10117', city: 'Berlin', countryCode: 'DE', vatId: 'DE136695976' },
  ...{ iban: 'DE89370400440532013000', bic: '', bankName: '' },
};
const of = { buyerVatState: 'none' as const, date: '2026-10-31', overrides: [] };
const ruleIn = (country: string) => taxTerms({ ...of, sellerCountry: country, buyerCountry: country }).rule;
const blockersIn = (...countries: string[]) =>
  taxBlockers(
    taxAmounts(
      countries.map((country) => ({ rule: ruleIn(country), base: new Decimal(10) })),
      'EUR',
    ),
  );

describe('why an invoice is held back', () => {
  it('names the command for a tax rate that isn’t known', () => {
    expect(blockersIn('BR').map(heldBackText)).toEqual([
      'The tax rate of Brazil on 31 October 2026 isn’t known. Enter the account’s own rate. To enter a tax rate, type `/billing tax set RATE FROM`.',
    ]);
  });

  it('names the command for costs that can’t share an invoice', () => {
    expect(blockersIn('US', 'DE').map(heldBackText)).toEqual([
      expect.stringMatching(/BR-O-11.*To set a tax rate, type `\/billing tax set RATE`\.$/),
    ]);
  });

  it('is escaped, and names no command if none helps', () => {
    expect(heldBackText('No rate for <XAU>.')).toBe('No rate for &lt;XAU&gt;.');
  });

  it('is a rate to review, with its command', () => {
    const [lack = ''] = missingSellerDetails(completeSeller({ ...SELLER }), { day: '2028-12-31' });
    expect(sellerLackText(lack)).toBe(
      'the tax rate of Germany was last reviewed on 28 November 2026: check it, and update it with `/billing tax set` if needed',
    );
    expect(sellerLackText('no legal name')).toBe('no legal name');
  });
});
