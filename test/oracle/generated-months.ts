import fc from 'fast-check';
import type { OracleCharge, OracleCost, OracleCredit, OracleDiscount, OracleInput } from './oracle-types.ts';

// Twelve months of one group as plain values: what differs from month to month, and what applies to all.

export const MONTHS = Array.from({ length: 12 }, (_, at) => `2026-${String(at + 1).padStart(2, '0')}`);
const PROJECTS = ['alpha', 'beta', 'gamma'];
/** Months with late costs. Each can have its own tax rates (domain.md, Money 8). */
const LATE_MONTHS = ['2025-10', '2025-11'] as const;
const SERVICES = ['kafka', 'pg', 'redis'];
/** Currencies of invoices, by their decimals (ISO 4217). */
const DECIMALS = { JPY: 0, EUR: 2, KWD: 3, CLF: 4 } as const;
export type GeneratedCurrency = keyof typeof DECIMALS;

type Month = Pick<OracleInput, 'costs' | 'charges' | 'rates'> & { readonly granted: readonly OracleCredit[] };
export interface Year extends Pick<OracleInput, 'discounts' | 'commitments' | 'tax' | 'serviceTax' | 'lateTax'> {
  readonly currency: GeneratedCurrency;
  readonly decimals: number;
  readonly months: readonly Month[];
}

/** Digits of an amount: round ones, halves of a minor unit (ties), thirds cut late, and long ones. */
function digits(decimals: number, isSigned: boolean): fc.Arbitrary<string> {
  const whole = fc.integer({ min: 0, max: 3000 });
  const tie = fc.tuple(whole, fc.integer({ min: 0, max: 10 ** decimals - 1 })).map(([before, minor]) => {
    const minors = decimals === 0 ? '' : String(minor).padStart(decimals, '0');
    return `${before}.${minors}5`;
  });
  const long = fc.tuple(whole, fc.stringMatching(/^[0-9]{1,24}$/)).map(([before, after]) => `${before}.${after}`);
  // the same amount on several lines: equal remainders, so that the order decides
  const equal = fc.constantFrom('10', '10', '10.5', '0', '0.333333333333', '0.000000001');
  const size = fc.oneof(whole.map(String), tie, tie, long, equal, equal);
  if (!isSigned) return size;
  return fc.tuple(size, fc.integer({ min: 0, max: 3 })).map(([amount, sign]) => (sign === 0 ? `-${amount}` : amount));
}

const taxOf = fc.constantFrom(
  { category: 'S', rate: '19' },
  { category: 'S', rate: '7' },
  { category: 'S', rate: '8.875' },
  { category: 'Z', rate: '0' },
  { category: 'E', rate: '0' },
  // reverse charge, export, outside the scope
  { category: 'AE', rate: '0' },
  { category: 'G', rate: '0' },
  { category: 'O', rate: '0' },
);

/** A whole year of one group. */
export const years: fc.Arbitrary<Year> = fc
  .constantFrom<GeneratedCurrency>('JPY', 'EUR', 'KWD', 'CLF')
  .chain((currency) => {
    const decimals = DECIMALS[currency];
    const minor = digits(decimals, false).map((amount) => {
      const [whole = '0', after = ''] = amount.split('.');
      return decimals === 0 ? whole : `${whole}.${after.padEnd(decimals, '0').slice(0, decimals)}`;
    });
    const odd = fc
      .constantFrom(1, 3, 5, 7)
      .map((units) => (decimals === 0 ? String(units) : `0.${String(units).padStart(decimals, '0')}`));
    const money = fc.constantFrom(currency, currency, 'USD', 'GBP', 'BHD');
    const until = fc.option(fc.constantFrom(...MONTHS));
    const term = { from: fc.constantFrom(...MONTHS), until, currency: money };
    const project = fc.constantFrom('', ...PROJECTS);
    const months = fc.array(
      fc.record({
        costs: costs(currency, decimals),
        charges: charges({ ...term, amount: digits(decimals, false), project }),
        rates: fc.constantFrom<OracleInput['rates']>(
          { USD: '0.917431192660550458', GBP: '1.15', BHD: '2.4371' },
          { USD: '0.5', GBP: '1.333333' },
          { GBP: '2' },
        ),
        // an odd number of units over equal lines leaves a tie that only the order decides
        granted: credits(fc.oneof(minor, odd), project),
      }),
      { minLength: MONTHS.length, maxLength: MONTHS.length },
    );
    return fc.record({
      currency: fc.constant(currency),
      decimals: fc.constant(decimals),
      months,
      discounts: discounts({ ...term, amount: digits(decimals, false) }),
      commitments: numbered('commitment', fc.record({ ...term, id: fc.constant(''), amount: minor })),
      tax: taxOf,
      serviceTax: fc.dictionary(fc.constantFrom(...SERVICES), taxOf, { maxKeys: 2 }),
      lateTax: fc.dictionary(fc.constantFrom(...LATE_MONTHS), taxOf, { maxKeys: 2 }),
    });
  });

function costs(currency: string, decimals: number): fc.Arbitrary<OracleCost[]> {
  const cost = fc.record({
    project: fc.constantFrom(...PROJECTS),
    service: fc.constantFrom(...SERVICES),
    currency: fc.constantFrom(currency, currency, currency, 'USD', 'GBP', 'BHD'),
    late: fc.constantFrom('', '', '', ...LATE_MONTHS),
    amount: digits(decimals, true),
  });
  const key = (one: OracleCost) => [one.project, one.service, one.currency, one.late].join();
  const many = fc.uniqueArray(cost, { maxLength: 9, selector: key });
  // some months consist of refunds, with a negative total
  const sign = (amount: string) => (amount.startsWith('-') || Number(amount) === 0 ? amount : `-${amount}`);
  const refunds = many.map((all) => all.map((one) => ({ ...one, amount: sign(one.amount) })));
  return fc.oneof({ weight: 4, arbitrary: many }, { weight: 1, arbitrary: refunds });
}

type Shared = Record<'from' | 'currency' | 'amount', fc.Arbitrary<string>> & {
  readonly until: fc.Arbitrary<string | null>;
};

function charges(shared: Shared & { readonly project: fc.Arbitrary<string> }): fc.Arbitrary<OracleCharge[]> {
  return numbered('charge', fc.record({ ...shared, id: fc.constant(''), isMonthly: fc.boolean() }));
}

function discounts(shared: Shared): fc.Arbitrary<OracleDiscount[]> {
  const one = fc
    .record({
      ...shared,
      id: fc.constant(''),
      scope: fc.constantFrom('service' as const, 'project' as const, 'group' as const),
      percentage: fc.option(fc.constantFrom('5', '12.5', '33.333', '50', '100')),
      at: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ percentage, at, ...rest }) => ({
      ...rest,
      isPercentage: percentage !== null,
      amount: percentage ?? rest.amount,
      on: (rest.scope === 'project' ? PROJECTS[at] : rest.scope === 'service' ? SERVICES[at] : '') ?? '',
    }));
  return numbered('discount', one);
}

function credits(amount: fc.Arbitrary<string>, project: fc.Arbitrary<string>): fc.Arbitrary<OracleCredit[]> {
  const expires = fc.option(fc.constantFrom(...MONTHS).map((month) => Date.parse(`${month}-15T00:00:00Z`)));
  const claimed = fc.constantFrom(1, 2, 3).map((day) => Date.UTC(2025, 0, day));
  const isPurchased = fc.boolean();
  return numbered(
    'credit',
    fc.record({ id: fc.constant(''), isPurchased, project, remaining: amount, expires, claimed }),
  );
}

/** Up to two of a kind, with distinct IDs. */
function numbered<T extends { readonly id: string; readonly from?: string; readonly until?: string | null }>(
  kind: string,
  one: fc.Arbitrary<T>,
): fc.Arbitrary<T[]> {
  // a term doesn't end before it starts
  const sound = one.map((each) =>
    each.until && each.from && each.until < each.from ? { ...each, until: null } : each,
  );
  return fc.array(sound, { maxLength: 2 }).map((all) => all.map((each, at) => ({ ...each, id: `${kind}-${at}` })));
}
