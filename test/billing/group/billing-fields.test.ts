import { describe, expect, it } from '@jest/globals';
import {
  emptyOf,
  FIELD_NAMES,
  fieldText,
  fieldValue,
  inputNameOf,
  viewLabelOf,
} from '../../../src/billing/group/billing-fields.ts';

describe('a field of the billing information', () => {
  it('is empty if information of an earlier version lacks it', () => {
    expect(fieldValue({}, 'orderNumber')).toBe('');
    expect(fieldValue({}, 'addressLines')).toEqual([]);
    expect(fieldValue({ orderNumber: '4500' }, 'orderNumber')).toBe('4500');
    expect([emptyOf('emails'), emptyOf('lines'), emptyOf('line'), emptyOf('country')]).toEqual([[], [], '', '']);
  });

  it('is text for people: a country’s name, the items of a list with what separates them', () => {
    expect(fieldText({ countryCode: 'DE' }, 'countryCode')).toBe('Germany');
    expect(fieldText({ countryCode: '' }, 'countryCode')).toBe('');
    expect(fieldText({ city: 'DE' }, 'city')).toBe('DE');
    expect(fieldText({ addressLines: ['a', 'b'] }, 'addressLines')).toBe('a\nb');
    expect(fieldText({ billingEmails: ['a@b.de', 'c@d.de'] }, 'billingEmails', ', ')).toBe('a@b.de, c@d.de');
  });

  it('has its stored name in forms, but for the lines of the address', () => {
    const renamed = FIELD_NAMES.filter((name) => inputNameOf(name) !== name);
    expect(renamed.map((name) => [name, inputNameOf(name)])).toEqual([['addressLines', 'address']]);
    expect(viewLabelOf('zipCode')).toBe('Address');
  });
});
