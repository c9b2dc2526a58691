import { describe, expect, it } from '@jest/globals';
import { type Calculation, impossibility } from '../../../src/billing/invoice/invoice.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { cost, credit, invoiceOf, PERIOD, rule, taxed } from '../build.ts';

const { calculation } = invoiceOf([cost('100'), cost('20', { projectName: 'p2' })], {
  tax: taxed('19'),
  credits: [credit('10'), credit('20', { code: 'P', type: 'purchase' })],
  discounts: [
    {
      ...{ id: 'd', description: 'Off', scope: { kind: 'group' }, from: PERIOD, until: null },
      value: { kind: 'percentage', percentage: new Decimal(10) },
    },
  ],
});
const wrong = (over: Partial<Calculation>) => impossibility({ ...calculation, ...over }, calculation.exact, 'EUR');
const of = (amount: string) => new Decimal(amount);
const [tax] = calculation.taxes;
const [first, ...others] = calculation.lines;
const [promotional, purchased] = calculation.creditUses;
if (!tax || !first || !promotional || !purchased) throw new Error('The invoice lacks what is tested');

describe('an impossible invoice', () => {
  it('is never the result of a calculation', () => {
    expect(wrong({})).toBeUndefined();
  });

  it.each<[string, Partial<Calculation>, string]>([
    [
      'costs that differ from the usage records',
      { exact: of('119') },
      'lines hold EUR 119.00, the usage records EUR 120.00',
    ],
    [
      'costs that differ by less than a cent',
      { exact: of('119.9990001') },
      'lines hold EUR 120.00 (exactly 119.9990001), the usage records EUR 120.00',
    ],
    ['lines that don’t add up', { net: of('98.01') }, 'add up to EUR 98.00, the net is EUR 98.01'],
    ['a total without its tax', { total: of('98') }, 'net and tax do not add up'],
    ['tax on another base', { taxes: [{ ...tax, base: of('97') }] }, 'their tax is on EUR 97.00'],
    ['tax at another rate', { taxes: [{ ...tax, amount: of('18.61') }] }, 'the tax of S 19% is EUR 18.61'],
    ['tax without lines', { taxes: [] }, 'no tax was calculated at S 19'],
    [
      'tax at a rate that no line has',
      { taxes: [tax, { ...rule('7'), base: of('1'), amount: of('0.07') }] },
      'lines of S 7% add up to EUR 0.00',
    ],
    ['taxes that don’t add up', { tax: of('18'), total: of('116') }, 'the taxes do not add up to EUR 18.00'],
    [
      'a credit above its value',
      { creditUses: [{ ...promotional, amount: of('10.01') }, purchased] },
      'credit A of EUR 10.00 pays EUR 10.01',
    ],
    ['a credit that pays zero', { creditUses: [{ ...promotional, amount: of('0') }, purchased] }, 'pays EUR 0.00'],
    ['a credit without its line', { creditUses: [purchased] }, 'credits of EUR 0.00 are shown as EUR -10.00'],
    [
      'a purchased credit missing from the invoice',
      { creditUses: [promotional] },
      'credits pay EUR 0.00, the invoice says EUR 20.00',
    ],
    ['the wrong amount due', { amountDue: of('96.63') }, 'EUR 96.63 due of EUR 116.62'],
  ])('has %s', (_what, over, words) => {
    expect(wrong(over)).toContain(words);
  });

  it('has a discount note that charges something', () => {
    const lines = calculation.lines.map((line) =>
      line.lineType === 'multiplier' ? { ...line, total: of('1') } : { ...line, total: line.total },
    );
    const moved = lines.map((line) => (line === lines[0] ? { ...line, total: line.total.minus(1) } : line));
    expect(wrong({ lines: moved })).toContain('a discount note is EUR 1.00');
  });

  it('has a line that its discount has raised, though a refund may be negative', () => {
    const raised = { ...first, preDiscount: first.total.minus('0.01') };
    expect(wrong({ lines: [raised, ...others] })).toContain('before its discount');
    expect(wrong({ lines: [{ ...first, preDiscount: first.total }, ...others] })).toBeUndefined();
    const refund = invoiceOf([cost('-5')]).calculation;
    expect(impossibility(refund, of('-5'), 'EUR')).toBeUndefined();
    // lines added by the invoice have no discount
    const added = others.find((line) => line.lineType === 'credit_consumption');
    const lines = calculation.lines.map((line) => (line === added ? { ...line, preDiscount: of('-11') } : line));
    expect(wrong({ lines })).toBeUndefined();
  });

  it('has more prepaid than the total', () => {
    const over = { ...purchased, credit: { ...purchased.credit, remaining: of('500') }, amount: of('117') };
    expect(wrong({ creditUses: [promotional, over], prepaid: of('117'), amountDue: of('0') })).toContain(
      'EUR 117.00 are paid ahead, more than the total',
    );
    const all = { ...over, amount: of('116.62') };
    expect(wrong({ creditUses: [promotional, all], prepaid: of('116.62'), amountDue: of('0') })).toBeUndefined();
  });

  it('has a promotion and a total below zero, which would pay the promotion out', () => {
    const made = invoiceOf([cost('-5'), cost('10', { projectName: 'p2' })], {
      credits: [credit('5', { projectId: 'prj_p2' })],
    }).calculation;
    expect(impossibility(made, of('5'), 'EUR')).toBeUndefined();
    const [low = first, ...rest] = made.lines;
    const lines = [{ ...low, total: of('-6'), preDiscount: of('-6') }, ...rest];
    const taxes = made.taxes.map((one) => ({ ...one, base: of('-1') }));
    const below = { ...made, lines, taxes, net: of('-1'), total: of('-1') };
    expect(impossibility(below, of('5'), 'EUR')).toBe('promotions take EUR 5.00 off, and the total is EUR -1.00');
  });

  it('has tax without a taxable line, if the tax isn’t zero', () => {
    expect(wrong({ taxes: [...calculation.taxes, { ...rule('7'), base: of('0'), amount: of('0') }] })).toBeUndefined();
    const untaxed = calculation.lines.map((line) => ({ ...line, total: of('0') }));
    const nothing = { lines: untaxed, net: of('0'), tax: of('0'), total: of('0'), taxes: [], creditUses: [] };
    expect(wrong({ ...nothing, prepaid: of('0'), amountDue: of('0') })).toBeUndefined();
  });
});
