import { expect, it } from '@jest/globals';
import { csvMappingSchema } from '../../../src/billing/statement/csv-mapping.ts';

const MAPPING = {
  date: 'Day',
  amount: 'Sum',
  name: null,
  purpose: 'Text',
  currency: null,
  dateOrder: 'dmy',
  decimal: ',',
};

it.each([',', '.'])('a mapping may have “%s” before the decimals', (decimal) => {
  expect(csvMappingSchema.parse({ ...MAPPING, decimal })).toEqual({ ...MAPPING, decimal });
});

it('a mapping says for each field what to choose', () => {
  const { error } = csvMappingSchema.safeParse({ ...MAPPING, date: null, amount: null, dateOrder: null, decimal: '' });
  expect(error?.issues.map(({ path, message }) => [path[0], message])).toEqual([
    ['date', 'Choose a column.'],
    ['amount', 'Choose a column.'],
    ['dateOrder', 'Choose how dates are written.'],
    ['decimal', 'Choose the decimal separator.'],
  ]);
});
