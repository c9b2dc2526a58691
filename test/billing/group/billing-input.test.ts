import { describe, expect, it } from '@jest/globals';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import { type BillingInput, billingInputSchema, toInput } from '../../../src/billing/group/billing-input.ts';
import { isEmail } from '../../../src/billing/group/billing-schemas.ts';

const EMPTY = toInput(NO_BILLING_INFORMATION);

function read(over: Partial<BillingInput>) {
  const result = billingInputSchema.safeParse({ ...EMPTY, ...over });
  return result.success ? result.data : result.error.issues.map(({ path, message }) => `${path.join()}: ${message}`);
}

describe('billing information as typed', () => {
  it('reads the same after a form has shown it', () => {
    const billing: BillingInformation = {
      ...NO_BILLING_INFORMATION,
      ...{ company: 'Acme', addressLines: ['Street 1', 'Floor 2'], city: 'Berlin', state: 'BE', zipCode: '10115' },
      ...{ countryCode: 'DE', vatId: 'DE123456788', vatState: 'valid', extraText: 'PO 1\nCentre 2' },
      ...{ billingEmails: ['a@b.de', 'c@d.de'], contactEmails: ['e@f.de', 'g@h.de'] },
      ...{ buyerReference: 'ref', orderNumber: '4500', electronicAddress: '0106:12345678' },
    };
    const { addressLines, vatState, ...rest } = billing;
    expect(read(toInput(billing))).toEqual({ ...rest, address: addressLines });
    expect(read({})).toMatchObject({ company: '', address: [], billingEmails: [], contactEmails: [] });
  });

  it('from earlier versions lacks references and the electronic address', () => {
    const { buyerReference, orderNumber, electronicAddress, ...old } = NO_BILLING_INFORMATION;
    expect(toInput(old)).toMatchObject({ buyerReference: '', orderNumber: '', electronicAddress: '' });
    const { buyerReference: a, orderNumber: b, electronicAddress: c, ...typed } = EMPTY;
    expect(billingInputSchema.parse(typed)).toMatchObject({
      buyerReference: '',
      orderNumber: '',
      electronicAddress: '',
    });
  });

  it('is cleaned up line by line', () => {
    expect(read({ company: '  Acme\u200b  GmbH ', address: ' Street 1 \n\n  \nFloor 2' })).toMatchObject({
      company: 'Acme GmbH',
      address: ['Street 1', 'Floor 2'],
    });
    expect(read({ extraText: ' one\r\ntwo\rthree\n ' })).toMatchObject({ extraText: 'one\ntwo\nthree' });
  });

  it.each<[keyof BillingInput, number]>([
    ['company', 83],
    ['address', 83],
    ['city', 50],
    ['state', 30],
    ['zipCode', 36],
    ['extraText', 1000],
    ['buyerReference', 100],
    ['orderNumber', 100],
    ['vatId', 200],
  ])('accepts a %s of %d characters, and rejects one more', (field, limit) => {
    // counted as people do: a character outside the basic plane is one
    const letter = field === 'vatId' ? 'x' : '𝒳';
    expect(Array.isArray(read({ [field]: letter.repeat(limit) }))).toBe(false);
    expect(read({ [field]: letter.repeat(limit + 1) })).toEqual([
      expect.stringMatching(new RegExp(`^${field}: .* at most ${field === 'vatId' ? 64 : limit} characters\\.$`)),
    ]);
  });

  it('accepts three address lines, and a country from the list or none', () => {
    expect(read({ address: 'a\nb\nc' })).toMatchObject({ address: ['a', 'b', 'c'] });
    expect(read({ address: 'a\nb\nc\nd' })).toEqual(['address: An address can have at most three lines.']);
    expect(read({ address: `a\n${'x'.repeat(84)}` })).toEqual([expect.stringContaining('address: An address line')]);
    expect(read({ countryCode: 'XX' })).toEqual(['countryCode: Choose a country from the list.']);
  });

  it('names the field with an invalid electronic address', () => {
    expect(read({ electronicAddress: ' 0106 : 1234 5678 ' })).toMatchObject({ electronicAddress: '0106:12345678' });
    expect(read({ electronicAddress: '12345678' })).toEqual([
      expect.stringContaining('electronicAddress: Enter a scheme'),
    ]);
  });
});

describe('email addresses', () => {
  it('are separated by lines, spaces, commas or semicolons, and duplicates count once', () => {
    expect(read({ billingEmails: ' a@b.de, c@d.de;e@f.de\ng@h.de  a@b.de,' })).toMatchObject({
      billingEmails: ['a@b.de', 'c@d.de', 'e@f.de', 'g@h.de'],
    });
  });

  it('that are invalid are named, up to three, and shortened', () => {
    expect(read({ billingEmails: 'a@b.de wrong' })).toEqual(['billingEmails: “wrong” isn’t a valid email address.']);
    expect(read({ contactEmails: 'a b c d' })).toEqual(['contactEmails: “a”, “b”, “c” aren’t valid email addresses.']);
    expect(read({ contactEmails: 'x'.repeat(70) })).toEqual([
      `contactEmails: “${'x'.repeat(60)}” isn’t a valid email address.`,
    ]);
    const long = `${'x'.repeat(249)}@b.de`;
    expect(long).toHaveLength(254);
    expect(read({ billingEmails: long })).toMatchObject({ billingEmails: [long] });
    expect(read({ billingEmails: `x${long}` })).toEqual([expect.stringContaining('isn’t a valid email address')]);
  });

  it('are limited to ten', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `a${at}@b.de`).join(' ');
    expect(read({ billingEmails: many(10) })).toMatchObject({ billingEmails: many(10).split(' ') });
    expect(read({ billingEmails: many(11) })).toEqual(['billingEmails: Enter at most 10 addresses. You entered 11.']);
  });

  it.each([
    ['a@b.de', true],
    ["o'neil+tag@mail.example.co.uk", true],
    ['münchen@müller.de', true],
    ['a@1-2.de', true],
    ['a@b', false],
    ['a@b.', false],
    ['a@.de', false],
    ['a@-b.de', false],
    ['a@b-.de', false],
    ['a@b.-de', false],
    ['a@b.de-', false],
    ['a@b..de', false],
    ['@b.de', false],
    ['a b@c.de', false],
    ['a@b@c.de', false],
    ['<a@b.de>', false],
    ['a@b.de,', false],
    ['a@b_c.de', false],
    ['', false],
  ])('%p has a valid form: %s', (text, isOne) => {
    expect(isEmail(text)).toBe(isOne);
  });

  it('have at most 254 characters', () => {
    expect(isEmail(`${'x'.repeat(249)}@b.de`)).toBe(true);
    expect(isEmail(`${'x'.repeat(250)}@b.de`)).toBe(false);
  });
});
