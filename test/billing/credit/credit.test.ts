import { describe, expect, it } from '@jest/globals';
import { codeKey, creditTypeName, makeCode, standingOf } from '../../../src/billing/credit/credit.ts';
import { Decimal } from '../../../src/billing/money/money.ts';

describe('a credit code', () => {
  it('is three groups of four letters and digits, none of which look alike', () => {
    expect(makeCode(() => 0)).toBe('AAAA-AAAA-AAAA');
    expect(makeCode((below) => below - 1)).toBe('9999-9999-9999');
    let next = 0;
    const letters = Array.from({ length: 3 }, () => makeCode((below) => next++ % below)).join('');
    expect(letters.replaceAll('-', '')).toBe('ABCDEFGHJKMNPQRSTUVWXYZ23456789ABCDE');
  });

  it('is the same however it is typed', () => {
    for (const typed of ['abcd-EFGH-jkmn', ' ABCDEFGHJKMN ', 'ABCD EFGH\tJKMN', 'ａｂｃｄ efgh–jkmn']) {
      expect(codeKey(typed)).toBe('ABCDEFGHJKMN');
    }
    expect(codeKey('Größe 5')).toBe('GRÖSSE5');
    expect(codeKey(' - ')).toBe('');
  });
});

describe('the status of a credit', () => {
  const now = new Date('2026-11-01T12:00:00Z');
  const [before, after] = [new Date(now.getTime() - 1), new Date(now.getTime() + 1)];
  const credit = (startTime: Date, expireTime: Date | null, remaining = '5') => ({
    ...{ startTime, expireTime },
    remaining: new Decimal(remaining),
  });

  it.each([
    ['without expiry', credit(before, null), 'active'],
    ['from its first instant', credit(now, null), 'active'],
    ['before it starts', credit(after, null), 'not yet valid'],
    ['until just before it expires', credit(before, after), 'active'],
    ['at the instant it expires', credit(before, now), 'expired'],
    ['with nothing left', credit(before, after, '0'), 'used up'],
    ['with nothing left before it starts', credit(after, null, '0'), 'used up'],
    ['with something left after it expires', credit(before, before), 'expired'],
    ['with nothing left after it expires', credit(before, before, '0'), 'expired'],
  ])('%s', (_when, one, standing) => {
    expect(standingOf(one, now)).toBe(standing);
  });

  it('stays active until the last period in which it was valid has been invoiced', () => {
    const end = new Date('2026-11-01T00:00:00Z');
    expect(standingOf(credit(before, end), now, end)).toBe('active');
    expect(standingOf(credit(before, new Date(end.getTime() + 1)), now, end)).toBe('active');
    expect(standingOf(credit(before, new Date(end.getTime() - 1)), now, end)).toBe('expired');
  });

  it('has a readable type', () => {
    expect(creditTypeName('trial_over')).toBe('trial over');
  });
});
