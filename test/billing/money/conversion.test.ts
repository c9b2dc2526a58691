import { describe, expect, it } from '@jest/globals';
import { parseEcb } from '../../../src/billing/money/ecb.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { oldestUsable, type Rate, rateOn } from '../../../src/billing/money/rate.ts';
import { runs } from '../../support/runs.ts';
import { cost, invoiceOf } from '../build.ts';

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

const notUnderstood = (problem: string | RegExp) =>
  expect.objectContaining({ code: 'rates_not_understood', data: { problem: expect.stringMatching(problem) } });

describe('the European Central Bank’s files', () => {
  it('are read as XML, with one day or many', () => {
    expect(said(parseEcb(XML))).toEqual([
      '2026-10-30 USD 1.0857',
      '2026-10-30 JPY 165.46',
      '2026-10-30 SEK 11.449',
      '2026-10-29 USD 1.0815',
    ]);
  });

  it('are read as CSV, with one day and its long date or with many, skipping empty rates and former currencies', () => {
    const daily = 'Date, USD, JPY, HRK, \n30 October 2026, 1.0857, 165.46, 7.5, \n';
    expect(said(parseEcb(daily))).toEqual(['2026-10-30 USD 1.0857', '2026-10-30 JPY 165.46']);
    const history = 'Date,USD,RUB,\r\n2026-10-30,1.0857,N/A,\r\n2026-10-29,1.0815,N/A,\r\n';
    expect(said(parseEcb(history))).toEqual(['2026-10-30 USD 1.0857', '2026-10-29 USD 1.0815']);
  });

  it('are read with whatever surrounds them, skipping invalid rates', () => {
    const cubes = (...attributes: string[]) => attributes.map((one) => `<Cube ${one}/>`).join('');
    const xml = (...attributes: string[]) => said(parseEcb(`  \n<e>${cubes(...attributes)}</e>`));
    expect(xml("time='2026-10-30'", "currency = 'USD' rate = '1.5'")).toEqual(['2026-10-30 USD 1.5']);
    const day = "time='2026-10-30'";
    const usd = "currency='USD' rate='1.5'";
    // before any day, without a currency or rate, of a currency that ISO 4217 doesn't list
    expect(
      xml(usd, day, usd, "currency='SEK'", "rate='2'", "currency='usd' rate='3'", "currency='XXZ' rate='3'"),
    ).toEqual(['2026-10-30 USD 1.5']);
    expect(
      xml(day, usd, "currency='USDX' rate='2'", "currency='XUSD' rate='2'", "currency='SEK' rate=''"),
    ).toHaveLength(1);
    expect(() => xml(day, "currency='USD' rate='x'")).toThrow(notUnderstood('“x” isn’t a valid rate for USD'));
    expect(() => xml("time='30.10.2026'", usd)).toThrow(notUnderstood('“30.10.2026” isn’t a valid date'));
  });

  it('give the bank’s value of one euro', () => {
    const [first] = parseEcb('Date,USD\n2026-10-30,1.5');
    expect(first).toEqual(rate('EUR', 'USD', '1.5', '2026-10-30', 'ECB'));
  });

  it.each([
    ['2026-10-30', '2026-10-30'],
    ['30 October 2026', '2026-10-30'],
    ['3 Oct 2026', '2026-10-03'],
    ['2026-02-30', undefined],
    ['2026-10-30x', undefined],
    ['2026-10', undefined],
    ['2026-13-01', undefined],
    ['2026-1-1', undefined],
    ['31 April 2026', undefined],
    ['x2026-10-30', undefined],
    ['', undefined],
  ])('have the day %p: %s', (text, date) => {
    const read = () => parseEcb(`Date,USD\n${text},1.5`)[0]?.date;
    if (date === undefined) expect(read).toThrow(notUnderstood('isn’t a valid date'));
    else expect(read()).toBe(date);
  });

  it.each(['0', '0.00', '-1', '1.', '.5', '1e3', '1,5x', 'x1', '1x', '1234567890123', '1.1234567890123'])(
    'don’t have a rate %p',
    (text) => {
      expect(() => parseEcb(`DATE,USD\n2026-10-30,${text.replace(',', '.')}`)).toThrow(
        expect.objectContaining({ code: 'rates_not_understood' }),
      );
    },
  );

  it.each(['1', '123456789012.123456789012'])('have the rate %p', (text) => {
    expect(said(parseEcb(`Date,USD\n2026-10-30,${text}`))).toEqual([`2026-10-30 USD ${text}`]);
  });

  it('can have more or fewer cells in a row than the header, and empty lines', () => {
    expect(said(parseEcb('\nDate,USD,SEK\n\n2026-10-30,1.5,11,99\n   \n2026-10-29,1.4\n'))).toEqual([
      ...['2026-10-30 USD 1.5', '2026-10-30 SEK 11'],
      '2026-10-29 USD 1.4',
    ]);
    expect(() => parseEcb('Date,USD\n2026-10-30,N/A')).toThrow(notUnderstood('it has no rates'));
    expect(() => parseEcb('')).toThrow(notUnderstood('first column'));
  });

  // each took quadratic time
  it.each([
    ['unclosed days', "<Cube time='2026-10-30'>".repeat(runs(150_000))],
    ['unclosed tags', '<Cube '.repeat(runs(600_000))],
    ['spaces', `<Cube${' '.repeat(runs(4_000_000))}`],
    ['unclosed attributes', `<Cube ${'a='.repeat(runs(1_000_000))}>`],
    ['letters', `<Cube ${'a'.repeat(runs(4_000_000))}>`],
    ['quotation marks', `<Cube ${'time="'.repeat(runs(600_000))}>`],
    ['a header as long as the file', `Date${',USD'.repeat(runs(500_000))}\n${'2026-10-30\n'.repeat(runs(5_000))}`],
  ])('are scanned once in each part of a hostile file: %s', (_, text) => {
    expect(() => parseEcb(text)).toThrow(notUnderstood(/no rates|valid date/));
  });

  it('that are invalid are rejected with the reason', () => {
    expect(() => parseEcb('a,b\n1,2')).toThrow(notUnderstood('first column'));
    expect(() => parseEcb('Date,USD\n2026-10-30,-1')).toThrow(notUnderstood('isn’t a valid rate for USD'));
    expect(() => parseEcb('Date,USD\nsoon,1')).toThrow(notUnderstood('isn’t a valid date'));
    expect(() => parseEcb('<html></html>')).toThrow(notUnderstood('no rates'));
  });
});

describe('a day’s rate', () => {
  const rates = [
    rate('EUR', 'USD', '1.0857', '2026-10-30'),
    rate('EUR', 'USD', '1.08', '2026-10-29'),
    rate('EUR', 'SEK', '11.449', '2026-10-30'),
  ];

  it('is direct, inverse, or through the euro', () => {
    expect(rateOn(rates, 'EUR', 'USD', '2026-10-30')?.rate.toFixed()).toBe('1.0857');
    expect(rateOn(rates, 'USD', 'EUR', '2026-10-30')?.rate.toFixed()).toBe('0.9210647509');
    expect(rateOn(rates, 'SEK', 'USD', '2026-10-30')).toMatchObject({
      date: '2026-10-30',
      source: 'ECB, converted through EUR',
    });
    expect(rateOn(rates, 'SEK', 'USD', '2026-10-30')?.rate.toFixed()).toBe('0.09482924273');
  });

  it('is the latest one up to a week old, and never a later one', () => {
    expect(rateOn(rates, 'EUR', 'USD', '2026-11-06')?.date).toBe('2026-10-30');
    expect(rateOn(rates, 'EUR', 'USD', '2026-11-07')).toBeUndefined();
    expect(rateOn(rates, 'EUR', 'USD', '2026-10-29')?.rate.toFixed()).toBe('1.08');
    expect(rateOn(rates, 'EUR', 'INR', '2026-10-30')).toBeUndefined();
  });

  it('is the manual one if a day has both', () => {
    const both = [...rates, rate('EUR', 'USD', '1.1', '2026-10-30', 'manual')];
    for (const some of [both, [...both].reverse()]) {
      expect(rateOn(some, 'EUR', 'USD', '2026-10-30')).toMatchObject({ source: 'manual' });
    }
  });
});

describe('the rate between two currencies', () => {
  const day = '2026-10-30';
  const found = (rates: readonly Rate[], from: string, to: string, on = day) => {
    const one = rateOn(rates, from, to, on);
    return one && `${one.from} ${one.to} ${one.rate.toFixed()} ${one.date} ${one.source}`;
  };

  it('is the newer of the direct one and the inverse, or the direct one on the same day', () => {
    const [direct, inverse] = [rate('USD', 'EUR', '0.9', day), rate('EUR', 'USD', '1.25', day)];
    expect(found([inverse, direct], 'USD', 'EUR')).toBe('USD EUR 0.9 2026-10-30 ECB');
    expect(found([inverse, { ...direct, date: '2026-10-29' }], 'USD', 'EUR')).toBe('USD EUR 0.8 2026-10-30 ECB');
    expect(found([{ ...inverse, date: '2026-10-29' }, direct], 'USD', 'EUR')).toBe('USD EUR 0.9 2026-10-30 ECB');
  });

  it('through the euro has the older of the two days, and both sources', () => {
    const rates = [rate('EUR', 'USD', '2', '2026-10-29'), rate('EUR', 'SEK', '10', day, 'manual')];
    expect(found(rates, 'SEK', 'USD')).toBe('SEK USD 0.2 2026-10-29 manual and ECB, converted through EUR');
    expect(found(rates, 'USD', 'SEK')).toBe('USD SEK 5 2026-10-29 ECB and manual, converted through EUR');
    expect(found(rates.slice(0, 1), 'SEK', 'USD')).toBeUndefined();
    expect(found(rates.slice(1), 'SEK', 'USD')).toBeUndefined();
  });

  it('never goes through the euro when one of them is the euro', () => {
    const rates = [rate('EUR', 'EUR', '1', day), rate('EUR', 'USD', '2', day)];
    expect(found(rates, 'EUR', 'SEK')).toBeUndefined();
    expect(found([rate('EUR', 'EUR', '1', day), rate('USD', 'SEK', '5', day)], 'EUR', 'SEK')).toBeUndefined();
    expect(found([rate('EUR', 'EUR', '1', day), rate('USD', 'SEK', '5', day)], 'SEK', 'EUR')).toBeUndefined();
  });

  it('is never another pair’s rate', () => {
    expect(found([rate('USD', 'SEK', '10', day), rate('NOK', 'EUR', '0.1', day)], 'USD', 'EUR')).toBeUndefined();
  });

  it('is the latest of several days, in any order, and the manual one on the same day', () => {
    const rates = [
      rate('EUR', 'USD', '1.1', '2026-10-28'),
      rate('EUR', 'USD', '1.2', day, 'manual'),
      rate('EUR', 'USD', '1.3', day),
      rate('EUR', 'USD', '1.4', '2026-10-29', 'manual'),
    ];
    for (const some of [rates, [...rates].reverse()]) {
      expect(found(some, 'EUR', 'USD')).toBe('EUR USD 1.2 2026-10-30 manual');
    }
  });

  it('can be seven days old, but not eight', () => {
    expect(oldestUsable('2026-03-03')).toBe('2026-02-24');
    expect(oldestUsable('2012-01-06')).toBe('2011-12-30');
    const rates = [rate('EUR', 'USD', '1.1', '2026-02-24')];
    expect(found(rates, 'EUR', 'USD', '2026-03-03')).toContain('2026-02-24');
    expect(found(rates, 'EUR', 'USD', '2026-03-04')).toBeUndefined();
    expect(found(rates, 'EUR', 'USD', '2026-02-23')).toBeUndefined();
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

  it('of 0 need no rate', () => {
    const nothing = cost('0', { currency: 'CLP', serviceName: 's2' });
    const { calculation } = invoiceOf([nothing, cost('3')]);
    expect(calculation).toMatchObject({ missing: [], leftOut: [], conversions: [] });
    expect(calculation.lines.map(({ total, currency }) => `${currency} ${total}`)).toEqual(['EUR 3', 'EUR 0']);
    expect(calculation.lines[1]?.original).toEqual({ currency: 'CLP', amount: new Decimal(0) });
    const some = invoiceOf([nothing, cost('5', { currency: 'CLP' }), cost('3')]).calculation;
    expect(some.missing).toEqual(['CLP']);
    expect(some.leftOut).toEqual([{ kind: 'costs', currency: 'CLP', amount: new Decimal(5) }]);
  });

  it('without a rate are left out and reported', () => {
    const { calculation } = invoiceOf([cost('1', { currency: 'USD' }), cost('2', { currency: 'INR' }), cost('3')]);
    expect(calculation.missing).toEqual(['INR', 'USD']);
    expect(calculation.net.toFixed()).toBe('3');
  });
});
