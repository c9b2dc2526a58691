import fc from 'fast-check';

// A year of one account as plain values: the costs, terms, claims and settlements of each month.

export const PROJECTS = ['p1', 'p2', 'p3'] as const;
export type PlannedProject = (typeof PROJECTS)[number];
export const GROUPS = ['A', 'B'] as const;
export type PlannedGroup = (typeof GROUPS)[number];
export const YEAR_MONTHS = Array.from({ length: 12 }, (_, at) => `2026-${String(at + 1).padStart(2, '0')}`);

/** Sellers with domestic tax, in currencies with 0, 2 and 3 decimals. */
export const SELLERS = [
  { currency: 'JPY', decimals: 0, countryCode: 'JP', timeZone: 'Asia/Tokyo', taxPercent: 10 },
  { currency: 'EUR', decimals: 2, countryCode: 'DE', timeZone: 'Europe/Berlin', taxPercent: 19 },
  { currency: 'BHD', decimals: 3, countryCode: 'BH', timeZone: 'Asia/Bahrain', taxPercent: 10 },
] as const;
export type PlannedSeller = (typeof SELLERS)[number];

export interface PlannedCost {
  readonly project: PlannedProject;
  /** In digits, with more decimals than the currency has; negative for a refund. */
  readonly amount: string;
  readonly isForeign: boolean;
  /** How many months before its import it was used. */
  readonly monthsLate: number;
}
export interface PlannedCredit {
  readonly isPurchased: boolean;
  readonly group: PlannedGroup;
  readonly value: string;
  /** Whether it expires at the end of the month in which it is claimed. */
  readonly isShort: boolean;
}
export const SETTLEMENTS = ['pay', 'pay half', 'credit all', 'credit a line', 'waive', 'write off', 'leave'] as const;
export type Settlement = (typeof SETTLEMENTS)[number];

export interface PlannedMonth {
  readonly costs: readonly PlannedCost[];
  readonly credits: readonly PlannedCredit[];
  readonly moves: { readonly project: PlannedProject; readonly to: PlannedGroup } | null;
  /** How each group's new invoice is settled. */
  readonly settle: Readonly<Record<PlannedGroup, Settlement>>;
  /** Whether balances are paid out and the oldest paid invoice is fully credited. */
  readonly paysOut: boolean;
  readonly creditsOldest: boolean;
}
export interface PlannedYear {
  readonly seller: PlannedSeller;
  /** Group A: percent off its costs, and a monthly charge. */
  readonly discount: string;
  readonly charge: string;
  /** Group B: its monthly minimum. */
  readonly commitment: string;
  readonly months: readonly PlannedMonth[];
}

/** A seller's year. `scale` minor units correspond to a hundred elsewhere. */
export function plannedYear(seller: PlannedSeller): fc.Arbitrary<PlannedYear> {
  const { decimals } = seller;
  const whole = fc.integer({ min: 1, max: 300 });
  const minor = fc.integer({ min: 0, max: 10 ** decimals - 1 }).map((units) => fractionOf(units, decimals));
  const money = fc.tuple(whole, minor).map(([before, after]) => `${before}${after}`);
  const tail = fc.constantFrom('', '5', '49', '333', '0001');
  const exact = fc
    .tuple(whole, fc.integer({ min: 0, max: 10 ** (decimals + 1) - 1 }), tail)
    .map(([before, units, more]) => `${before}${fractionOf(units, decimals + 1)}${more}`);
  const month = fc.record({
    costs: costs(exact),
    credits: fc.array(
      fc.record({
        isPurchased: fc.boolean(),
        group: fc.constantFrom(...GROUPS),
        value: money,
        isShort: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    moves: fc.option(fc.record({ project: fc.constantFrom(...PROJECTS), to: fc.constantFrom(...GROUPS) }), { freq: 2 }),
    settle: fc.record({ A: fc.constantFrom(...SETTLEMENTS), B: fc.constantFrom(...SETTLEMENTS) }),
    paysOut: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
    creditsOldest: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
  });
  return fc.record({
    seller: fc.constant(seller),
    discount: fc.constantFrom('5', '12.5', '33.333'),
    charge: money,
    commitment: money,
    months: fc.array(month, { minLength: YEAR_MONTHS.length, maxLength: YEAR_MONTHS.length }),
  });
}

/** Most months have costs; one in four consists of refunds and is negative. */
function costs(amount: fc.Arbitrary<string>): fc.Arbitrary<PlannedCost[]> {
  const one = fc.record({
    project: fc.constantFrom(...PROJECTS),
    amount,
    isForeign: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
    monthsLate: fc.constantFrom(0, 0, 0, 0, 1, 2),
  });
  const signed = fc.tuple(one, fc.integer({ min: 0, max: 4 })).map(([cost, draw]) => withSign(cost, draw === 0));
  const usual = fc.array(signed, { minLength: 1, maxLength: 6 });
  const refunds = fc.array(
    one.map((cost) => withSign(cost, true)),
    { minLength: 2, maxLength: 6 },
  );
  return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: refunds });
}

function withSign(cost: PlannedCost, isRefund: boolean): PlannedCost {
  return isRefund ? { ...cost, amount: `-${cost.amount}` } : cost;
}

function fractionOf(units: number, decimals: number): string {
  return decimals === 0 ? '' : `.${String(units).padStart(decimals, '0')}`;
}
