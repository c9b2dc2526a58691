import { describe, expect, it } from '@jest/globals';
import { parseEcb } from '../../src/billing/ecb.ts';
import { Decimal } from '../../src/billing/money.ts';
import { type Rate, rateOn } from '../../src/billing/rate.ts';
import { cost, invoiceOf } from './build.ts';

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<Cube>
		<Cube time='2026-10-30'>
			<Cube currency='USD' rate='1.0857'/>
			<Cube currency='JPY' rate='165.46'/>
			<Cube currency='SEK' rate='11.4490'/></Cube>
		<Cube time="2026-10-29">
			<Cube currency="USD" rate="1.0815"/>
		</Cube>
	</Cube>
</gesmes:Envelope>`;

const said = (rates: readonly Rate[]) =>
  rates.map(({ date, currency, rate }) => `${date} ${currency} ${rate.toFixed()}`);
const rate = (base: string, currency: string, value: string, date: string, source = 'ECB'): Rate => ({
  ...{ base, currency, date, source },
  rate: new Decimal(value),
});

describe('the European Central Bank’s files', () => {
  it('are read as XML, of one day and of many', () => {
    expect(said(parseEcb(XML))).toEqual([
      '2026-10-30 USD 1.0857',
      '2026-10-30 JPY 165.46',
      '2026-10-30 SEK 11.449',
      '2026-10-29 USD 1.0815',
    ]);
  });

  it('are read as CSV, of one day with its long date and of many, without what has no rate or is no currency any more', () => {
    const daily = 'Date, USD, JPY, HRK, \n30 October 2026, 1.0857, 165.46, 7.5, \n';
    expect(said(parseEcb(daily))).toEqual(['2026-10-30 USD 1.0857', '2026-10-30 JPY 165.46']);
    const history = 'Date,USD,RUB,\r\n2026-10-30,1.0857,N/A,\r\n2026-10-29,1.0815,N/A,\r\n';
    expect(said(parseEcb(history))).toEqual(['2026-10-30 USD 1.0857', '2026-10-29 USD 1.0815']);
  });

  // each took a time that grew with the square of the file
  it.each([
    ['days that never end', "<Cube time='2026-10-30'>".repeat(150_000)],
    ['tags that never end', '<Cube '.repeat(600_000)],
    ['spaces', `<Cube${' '.repeat(4_000_000)}`],
    ['attributes that never end', `<Cube ${'a='.repeat(1_000_000)}>`],
    ['letters', `<Cube ${'a'.repeat(4_000_000)}>`],
    ['quotation marks', `<Cube ${'time="'.repeat(600_000)}>`],
    ['a header as wide as the file is long', `Date${',USD'.repeat(500_000)}\n${'2026-10-30\n'.repeat(5_000)}`],
  ])('are looked for once in each part of a hostile file: %s', (_, text) => {
    expect(() => parseEcb(text)).toThrow(/no rate|no date/);
  });

  it('that are none are refused with the reason', () => {
    expect(() => parseEcb('a,b\n1,2')).toThrow('first column');
    expect(() => parseEcb('Date,USD\n2026-10-30,-1')).toThrow('no rate of USD');
    expect(() => parseEcb('Date,USD\nsoon,1')).toThrow('no date');
    expect(() => parseEcb('<html></html>')).toThrow('no rate');
  });
});

describe('the rate of a day', () => {
  const rates = [
    rate('EUR', 'USD', '1.0857', '2026-10-30'),
    rate('EUR', 'USD', '1.08', '2026-10-29'),
    rate('EUR', 'SEK', '11.449', '2026-10-30'),
  ];

  it('is direct, the other way round, or by way of the euro', () => {
    expect(rateOn(rates, 'EUR', 'USD', '2026-10-30')?.rate.toFixed()).toBe('1.0857');
    expect(rateOn(rates, 'USD', 'EUR', '2026-10-30')?.rate.toFixed()).toBe('0.9210647509');
    expect(rateOn(rates, 'SEK', 'USD', '2026-10-30')).toMatchObject({
      date: '2026-10-30',
      source: 'ECB, by way of EUR',
    });
    expect(rateOn(rates, 'SEK', 'USD', '2026-10-30')?.rate.toFixed()).toBe('0.09482924273');
  });

  it('is the latest before it, for a week at most, and never a later one', () => {
    expect(rateOn(rates, 'EUR', 'USD', '2026-11-06')?.date).toBe('2026-10-30');
    expect(rateOn(rates, 'EUR', 'USD', '2026-11-07')).toBeUndefined();
    expect(rateOn(rates, 'EUR', 'USD', '2026-10-29')?.rate.toFixed()).toBe('1.08');
    expect(rateOn(rates, 'EUR', 'INR', '2026-10-30')).toBeUndefined();
  });

  it('is the one entered by hand where a day has both', () => {
    const both = [...rates, rate('EUR', 'USD', '1.1', '2026-10-30', 'manual')];
    for (const some of [both, [...both].reverse()]) {
      expect(rateOn(some, 'EUR', 'USD', '2026-10-30')).toMatchObject({ source: 'manual' });
    }
  });
});

describe('costs in another currency', () => {
  const usd = { from: 'USD', to: 'EUR', rate: new Decimal('0.9210647509'), date: '2026-10-30', source: 'ECB' };

  it('are converted exactly, and rounded with all other lines at the end', () => {
    const { calculation } = invoiceOf([cost('100.123456789', { currency: 'USD' }), cost('0.001')], {
      rateFor: (from) => (from === 'USD' ? usd : undefined),
    });
    expect(calculation.exact.toFixed()).toBe('92.2211867866071988601');
    expect(calculation.net.toFixed()).toBe('92.22');
    expect(calculation.conversions).toEqual([usd]);
    expect(calculation.lines[1]).toMatchObject({ currency: 'EUR', original: { currency: 'USD' } });
  });

  it('without a rate are left out, and named', () => {
    const { calculation } = invoiceOf([cost('1', { currency: 'USD' }), cost('2', { currency: 'INR' }), cost('3')]);
    expect(calculation.missing).toEqual(['INR', 'USD']);
    expect(calculation.net.toFixed()).toBe('3');
  });
});
