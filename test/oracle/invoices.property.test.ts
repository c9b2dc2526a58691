import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { figuresOfOracle, figuresOfProduct } from './calculation-adapter.ts';
import { write } from './fraction.ts';
import { MONTHS, type Year, years } from './generated-months.ts';
import { invoiceByRules } from './invoice-oracle.ts';
import type { OracleCredit, OracleInvoice } from './oracle-types.ts';

/** 417 years of 12 months: 5,004 invoices. */
const YEARS = 417;
const SEED = Number(process.env.ORACLE_SEED ?? 20_261_128);

test(`5,004 generated invoices equal a second calculation with exact fractions, and a year loses nothing (seed ${SEED})`, () => {
  let invoices = 0;
  const seen = { below: 0, prepaid: 0, promotional: 0, missing: 0, rates: 0 };
  fc.assert(
    fc.property(years, (year) => {
      for (const { invoice } of closeYear(year)) {
        invoices += 1;
        seen.below += Number(invoice.total < 0n);
        seen.prepaid += Number(invoice.prepaid > 0n);
        seen.promotional += Number([...invoice.lines.values()].reduce((a, b) => a + b, 0n) > invoice.net);
        seen.missing += Number(invoice.missing.length > 0);
        seen.rates += Number(invoice.taxes.size > 1);
      }
    }),
    { seed: SEED, numRuns: YEARS },
  );
  expect(invoices).toBeGreaterThanOrEqual(5000);
  // the generator produces every kind of month
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200);
});

/** Closes twelve months in a row. Each passes on its credits, and a negative total becomes a credit for the next. */
function closeYear(year: Year): { readonly invoice: OracleInvoice }[] {
  let credits: OracleCredit[] = [];
  const sums = { charged: 0n, paid: 0n, promotional: 0n, bought: 0n };
  const closed: { invoice: OracleInvoice }[] = [];
  for (const [at, month] of MONTHS.entries()) {
    const { costs, charges, rates, granted } = year.months[at] ?? { costs: [], charges: [], rates: {}, granted: [] };
    credits = [...credits, ...granted.map((one) => ({ ...one, id: `${month} ${one.id}` }))];
    const valid = credits.filter(({ expires }) => expires === null || expires >= Date.UTC(2026, at + 1, 1));
    const { months: _, ...held } = year;
    const input = { ...held, month, costs, charges, rates, credits: valid };
    const invoice = invoiceByRules(input);
    const [product, oracle] = [figuresOfProduct(input), figuresOfOracle(invoice, year.decimals)];
    expect(product).toEqual(oracle);
    credits = credits.map((one) => ({ ...one, remaining: lessen(one, oracle.uses[one.id], year.decimals) }));
    if (invoice.total < 0n) credits.push(balance(month, at, write(-invoice.total, year.decimals)));
    sums.charged += [...invoice.lines.values()].reduce((a, b) => a + b, 0n) + invoice.tax;
    sums.paid += invoice.due;
    for (const [id, amount] of invoice.uses) {
      const used = valid.find((one) => one.id === id);
      if (used?.isPurchased !== true) sums.promotional += amount;
      else if (!id.startsWith('BALANCE')) sums.bought += amount;
    }
    closed.push({ invoice });
  }
  const kept = credits.filter(({ id }) => id.startsWith('BALANCE'));
  const balances = kept.reduce((sum, { remaining }) => sum + units(remaining, year.decimals), 0n);
  // costs, charges and fees, with the tax on what promotional credits leave = paid + both kinds of credit used − balance
  expect(sums.charged).toBe(sums.paid + sums.promotional + sums.bought - balances);
  return closed;
}

function lessen({ remaining }: OracleCredit, used: string | undefined, decimals: number): string {
  return used === undefined ? remaining : write(units(remaining, decimals) - units(used, decimals), decimals);
}

/** Integer minor units of digits without more decimals than the currency. */
function units(digits: string, decimals: number): bigint {
  const [whole = '', after = ''] = digits.split('.');
  return BigInt(whole + after.padEnd(decimals, '0'));
}

/** domain.md, Money 6: without an expiry. */
function balance(month: string, at: number, remaining: string): OracleCredit {
  const claimed = Date.UTC(2026, at + 1, 2);
  return { id: `BALANCE-${month}`, isPurchased: true, project: '', remaining, expires: null, claimed };
}
