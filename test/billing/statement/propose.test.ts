import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { allocate, type Candidate, proposeFor, proposer } from '../../../src/billing/statement/propose.ts';

const invoice = (number: string, open: string, more: Partial<Candidate> = {}): Candidate => ({
  ...{ id: number, number, currency: 'EUR', open: new Decimal(open), company: '' },
  ...more,
});
const line = (amount: string, purpose: string, more: { name?: string; currency?: string } = {}) => ({
  ...{ date: '2026-11-20', currency: 'EUR', name: '', bankReference: '', purpose, amount: new Decimal(amount) },
  ...more,
});
const proposed = (...[of, all]: Parameters<typeof proposeFor>) => {
  const found = proposeFor(of, all);
  const parts = found?.parts.map(({ invoice: { number }, amount }) => `${number} ${amount.toFixed(2)}`);
  return found && [found.basis, ...(parts ?? []), found.tooMuch.toFixed(2)];
};

const OPEN = [invoice('ACME-1', '119.00'), invoice('ACME-12', '50.00'), invoice('ACME-2026-00007', '80.00')];

describe('what a bank line seems to pay', () => {
  it.each([
    ['Invoice ACME-1 thanks', 'ACME-1'],
    ['acme1', 'ACME-1'],
    ['RE ACME - 1', 'ACME-1'],
    ['RECHNUNG AC ME-1', 'ACME-1'],
    ['ＡＣＭＥ－１', 'ACME-1'],
    ['ACME-1/ACME-1', 'ACME-1'],
    ['2026ACME-1', 'ACME-1'],
  ])('is found by its number in “%s”', (purpose, number) => {
    expect(proposed(line('119', purpose), OPEN)).toEqual(['number_and_amount', `${number} 119.00`, '0.00']);
  });

  it.each(['ACME-12', 'ACME12', 'ACME-1 2'])('is the longest number in “%s”', (purpose) => {
    expect(proposed(line('50', purpose), OPEN)?.[1]).toBe('ACME-12 50.00');
  });

  it.each(['ACME-123', 'XACME-1', 'ACME-11', 'nothing'])('isn’t found in “%s”', (purpose) => {
    expect(proposed(line('1', purpose), OPEN)).toBeUndefined();
  });

  it('is several invoices that the line names, in its order', () => {
    const of = line('199', 'ACME-2026-00007 and ACME-1');
    expect(proposed(of, OPEN)).toEqual(['number_and_amount', 'ACME-2026-00007 80.00', 'ACME-1 119.00', '0.00']);
    const less = line('100', 'ACME-2026-00007, ACME-1');
    expect(proposed(less, OPEN)).toEqual(['number', 'ACME-2026-00007 80.00', 'ACME-1 20.00', '0.00']);
    expect(proposed(line('120.5', 'ACME-1'), OPEN)).toEqual(['number', 'ACME-1 120.50', '1.50']);
  });

  it('names each invoice once, where the text first does', () => {
    const of = line('199', 'ACME-1, ACME-2026-00007, ACME-1');
    expect(proposed(of, OPEN)).toEqual(['number_and_amount', 'ACME-1 119.00', 'ACME-2026-00007 80.00', '0.00']);
  });

  it('is one number, not another that it ends with', () => {
    const all = [invoice('2026-1', '10'), invoice('ACME-2026-1', '20')];
    expect(proposed(line('20', 'ACME-2026-1'), all)).toEqual(['number_and_amount', 'ACME-2026-1 20.00', '0.00']);
  });

  it('is both invoices whose numbers read alike', () => {
    const all = [invoice('AB-1', '10'), invoice('A-B1', '20')];
    expect(proposed(line('30', 'for AB1'), all)).toEqual(['number_and_amount', 'AB-1 10.00', 'A-B1 20.00', '0.00']);
  });

  it('gives nothing to an invoice for which nothing is left', () => {
    const of = line('119', 'ACME-1, ACME-2026-00007');
    expect(proposed(of, OPEN)).toEqual(['number', 'ACME-1 119.00', '0.00']);
  });

  it.each<[string, Candidate]>([
    ['is paid already', invoice('ACME-1', '0')],
    ['has a number without letters and digits', invoice('—', '119')],
  ])('is no invoice that %s', (_, candidate) => {
    expect(proposed(line('5', 'ACME-1'), [candidate])).toBeUndefined();
  });

  it('needs all telling words of a company, and ignores single letters', () => {
    const all = [
      invoice('A-1', '10', { company: 'Consulting Group South' }),
      invoice('A-2', '20', { company: 'J. Smith' }),
    ];
    expect(proposed(line('7', '', { name: 'Consulting Group North' }), all)).toBeUndefined();
    expect(proposed(line('7', '', { name: 'Smith Ltd' }), all)).toEqual(['name', 'A-2 7.00', '0.00']);
  });

  it('is undecided between the amount of some invoices and the payer of another', () => {
    const all = [invoice('A-1', '10'), invoice('A-2', '10'), invoice('A-3', '30', { company: 'Acme' })];
    expect(proposed(line('10', '', { name: 'Acme' }), all)).toBeUndefined();
  });

  it('is found by amount and payer, but not if several fit or the currency differs', () => {
    const all = [
      invoice('A-1', '10', { company: 'Müller & Söhne GmbH' }),
      invoice('A-2', '10', { company: 'Acme Inc.' }),
      invoice('A-3', '30', { company: 'Acme Inc.' }),
    ];
    expect(proposed(line('10', '', { name: 'MÜLLER UND SÖHNE' }), all)).toEqual([
      'amount_and_name',
      'A-1 10.00',
      '0.00',
    ]);
    expect(proposed(line('10', ''), all)).toBeUndefined();
    expect(proposed(line('30', ''), all)).toEqual(['amount', 'A-3 30.00', '0.00']);
    expect(proposed(line('7', '', { name: 'Mueller' }), all)).toBeUndefined();
    expect(proposed(line('7', '', { name: 'Müller Söhne KG' }), all)).toEqual(['name', 'A-1 7.00', '0.00']);
    expect(proposed(line('7', '', { name: 'Acme' }), all)).toBeUndefined();
    expect(proposed(line('30', 'A-3', { currency: 'USD' }), all)).toBeUndefined();
  });

  it('always adds up to the line, and pays nobody more than is open but the last', () => {
    const cents = fc.integer({ min: 1, max: 100_000 }).map((n) => new Decimal(n).div(100));
    fc.assert(
      fc.property(cents, fc.array(cents, { minLength: 1, maxLength: 6 }), (amount, opens) => {
        const all = opens.map((open, at) => invoice(`N-${at}`, open.toFixed()));
        const { parts, tooMuch, isExact } = allocate({ amount }, all);
        expect(sum(parts.map((part) => part.amount)).equals(amount)).toBe(true);
        const over = parts.map((part) => Decimal.max(part.amount.minus(part.invoice.open), 0));
        expect(sum(over).equals(tooMuch)).toBe(true);
        expect(over.slice(0, -1).every((one) => one.isZero())).toBe(true);
        expect(isExact).toBe(sum(opens).equals(amount));
      }),
    );
  });

  it('takes no longer for each line if there are more invoices', () => {
    const names = ['Consulting Group North', 'Consulting Group South'];
    const all = Array.from({ length: 20_000 }, (_, at) =>
      invoice(`ACME-2026-${at}`, '49.00', { company: names[at % 2] ?? '' }),
    );
    const propose = proposer(all);
    const began = process.cpuUsage();
    for (let at = 0; at < 1_000; at++) propose(line('49', `Invoice ACME-2026-${at} thanks`));
    // comparing each line with each invoice takes minutes
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(5_000);
    expect(propose(line('49', 'ACME-2026-17'))?.parts.map((part) => part.invoice.number)).toEqual(['ACME-2026-17']);
    expect(propose(line('49', 'hello', { name: names[0] ?? '' }))).toBeUndefined();
  });
});
