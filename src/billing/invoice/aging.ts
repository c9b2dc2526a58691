import { type Decimal, sum } from '../money/money.ts';
import { daysBetween } from '../period/day.ts';

/** Age groups of an aging report, by days after the due date. */
export const AGES = ['current', '1_30', '31_60', '61_90', 'over_90'] as const;
export type Age = (typeof AGES)[number];

export const AGE_NAMES: Readonly<Record<Age, string>> = {
  current: 'Not due yet',
  '1_30': '1–30 days',
  '31_60': '31–60 days',
  '61_90': '61–90 days',
  over_90: 'Over 90 days',
};

/** An unpaid amount. */
export interface OpenAmount {
  readonly currency: string;
  readonly open: Decimal;
  readonly daysOverdue: number;
}

/** The unpaid amounts in one currency, by age. The ages add up to the total. */
export interface Aging {
  readonly currency: string;
  readonly invoices: number;
  readonly byAge: Readonly<Record<Age, Decimal>>;
  readonly total: Decimal;
}

/**
 * The number of calendar days an invoice is overdue: 0 up to and including its due date.
 *
 * @param dueDay YYYY-MM-DD; null if there is no due date
 * @param today YYYY-MM-DD in the same time zone
 */
export function daysOverdue(dueDay: string | null, today: string): number {
  return dueDay === null ? 0 : Math.max(daysBetween(dueDay, today), 0);
}

export function ageOf(days: number): Age {
  if (days <= 0) return 'current';
  if (days <= 30) return '1_30';
  if (days <= 60) return '31_60';
  return days <= 90 ? '61_90' : 'over_90';
}

/** Unpaid amounts by currency and age, sorted by currency code. Amounts in different currencies are never added. */
export function agingOf(amounts: readonly OpenAmount[]): readonly Aging[] {
  const currencies = [...new Set(amounts.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = amounts.filter((one) => one.currency === currency);
    const openAt = (age: Age) => sum(own.filter((one) => ageOf(one.daysOverdue) === age).map(({ open }) => open));
    return {
      currency,
      invoices: own.length,
      byAge: {
        current: openAt('current'),
        '1_30': openAt('1_30'),
        '31_60': openAt('31_60'),
        '61_90': openAt('61_90'),
        over_90: openAt('over_90'),
      },
      total: sum(own.map(({ open }) => open)),
    };
  });
}

/** An unpaid invoice's amounts and due date, YYYY-MM-DD. */
export interface UnpaidAmount extends OpenAmount {
  readonly total: Decimal;
  readonly dueDay: string | null;
}

/**
 * Unpaid amounts by currency, longest overdue first: the open amounts and the totals, with the first due date and the
 * most days overdue. Amounts in different currencies are never added.
 */
export function openSums(amounts: readonly UnpaidAmount[]): readonly UnpaidAmount[] {
  const unpaid = amounts.filter(({ open }) => open.gt(0));
  const currencies = [...new Set(unpaid.map(({ currency }) => currency))].sort();
  return currencies
    .map((currency) => {
      const own = unpaid.filter((one) => one.currency === currency);
      const [dueDay = null] = own.flatMap((one) => one.dueDay ?? []).sort();
      return {
        currency,
        dueDay,
        open: sum(own.map(({ open }) => open)),
        total: sum(own.map(({ total }) => total)),
        daysOverdue: Math.max(...own.map((one) => one.daysOverdue)),
      };
    })
    .sort((a, b) => b.daysOverdue - a.daysOverdue);
}
