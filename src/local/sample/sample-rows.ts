import { stringify } from 'csv-stringify/sync';
import { Decimal } from '../../billing/money/money.ts';
import { addDays, daysFrom } from '../../billing/period/day.ts';
import { nextPeriod, type Period, shiftPeriod } from '../../billing/period/period.ts';
import { dayShares, weekShares } from './daily-shares.ts';
import type { PlannedAccount, PlannedProject, PlannedService } from './plan.ts';

/** Which of an account's costs to return, and as of when. */
export interface SampleWish {
  readonly account: Pick<PlannedAccount, 'currency' | 'projects' | 'since'>;
  readonly month: Period;
  /** How many months before the current one it is. */
  readonly ago: number;
  /** Leaves out charges that began later. */
  readonly until?: Date;
  /** When the sample ends; without it, no costs surge at its end. */
  readonly ends?: Date;
}

/** A row of a FOCUS file by its columns. */
export type SampleRow = Readonly<Record<string, string>>;

/** Forecasts and anomalies look at this many months. Earlier ones have fewer rows, which keeps local mode's start fast. */
const DAILY_MONTHS = 4;
/** How a project's costs differ from one month to the next, besides its growth. */
const COURSE = ['1', '0.97', '1.03', '0.99', '1.05', '0.96', '1.02'] as const;
/** No two projects differ in the same way. */
const STEP = 3;
/** These hours are on the same day in every account's time zone. */
const [BEGIN, END] = ['06:00:00', '12:00:00'];
const DECIMALS = 6;

const COLUMNS = [
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'ContractedCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargeCategory',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'InvoiceIssuerName',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ServiceCategory',
  'ServiceName',
  'SubAccountId',
  'SubAccountName',
  'Tags',
] as const;

/** A month's costs of an account, a row for each service and day, or week; none if it has just begun. */
export function sampleRows(wish: SampleWish): SampleRow[] {
  return wish.account.projects
    .flatMap((project, place) => [
      ...usageOf(wish, project, place),
      ...refundsOf(wish, project),
      ...surgeOf(wish, project),
    ])
    .filter((row) => !wish.until || instantOf(row.ChargePeriodStart ?? '') < wish.until);
}

/** The rows as a FOCUS file. */
export async function* focusFile(rows: readonly SampleRow[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(stringify([...rows], { header: true, columns: [...COLUMNS] }));
}

/** The current month and those before it, the earliest first. */
export function sampleMonths(present: Period, before: number): Period[] {
  return Array.from({ length: before + 1 }, (_, index) => shiftPeriod(present, index - before));
}

function usageOf(wish: SampleWish, project: PlannedProject, place: number): SampleRow[] {
  return project.services
    .filter(({ since }) => since === undefined || wish.ago <= since)
    .flatMap((service, index) => {
      const total = amountOf(wish, project, service, place);
      const peak = project.exceptions?.find((one) => one.ago === wish.ago);
      const days = dayShares(wish.month, service, { total, peak, seed: place * STEP + index + wish.ago });
      const shares = wish.ago > DAILY_MONTHS ? weekShares(days) : days;
      return shares.map(({ day, until, amount, description }) => ({
        ...rowOf(wish, project, service, amount),
        ChargeCategory: 'Usage',
        ChargeDescription: description ?? `${service.name} in ${project.provider.region.name}`,
        ChargeFrequency: description ? 'Recurring' : 'Usage-Based',
        ...onDays(day, until),
      }));
    });
}

/** Costs of the last days before the sample ends. */
function surgeOf(wish: SampleWish, project: PlannedProject): SampleRow[] {
  const { surge } = project;
  const service = project.services.find(({ name }) => name === surge?.service);
  if (!wish.ends || !surge || !service) return [];
  const today = wish.ends.toISOString().slice(0, 10);
  const days = daysFrom(addDays(today, -surge.daysAgo), today).filter((day) => day.startsWith(wish.month));
  return days.map((day) => ({
    ...rowOf(wish, project, service, new Decimal(surge.amount)),
    ChargeCategory: 'Usage',
    ChargeDescription: surge.description,
    ChargeFrequency: 'Usage-Based',
    ...{ RegionId: surge.region.id, RegionName: surge.region.name },
    ...onDays(day),
  }));
}

function onDays(day: string, until = day) {
  return { ChargePeriodStart: `${day} ${BEGIN}`, ChargePeriodEnd: `${until} ${END}` };
}

/** What the provider pays back in this month, on the bill of the project's first service. */
function refundsOf(wish: SampleWish, project: PlannedProject): SampleRow[] {
  const [service] = project.services;
  return (project.exceptions ?? []).flatMap(({ ago, refund }) => {
    if (ago !== wish.ago || !refund || !service) return [];
    return [
      {
        ...rowOf(wish, project, service, new Decimal(refund.amount).neg()),
        ChargeCategory: 'Credit',
        ChargeDescription: refund.description,
        ChargeFrequency: 'One-Time',
        ...onDays(`${wish.month}-12`),
      },
    ];
  });
}

function rowOf(
  { account, month }: SampleWish,
  project: PlannedProject,
  service: PlannedService,
  cost: Decimal,
): SampleRow {
  const { billingAccount, issuer, name, region } = project.provider;
  const amount = cost.toDecimalPlaces(DECIMALS).toFixed();
  return {
    ...{ BilledCost: amount, EffectiveCost: amount, ListCost: amount, ContractedCost: amount },
    ...{ BillingAccountId: billingAccount.id, BillingAccountName: billingAccount.name },
    BillingCurrency: account.currency,
    BillingPeriodStart: `${month}-01 00:00:00`,
    BillingPeriodEnd: `${nextPeriod(month)}-01 00:00:00`,
    ...{ InvoiceIssuerName: issuer, ProviderName: name, PublisherName: name },
    ...{ RegionId: region.id, RegionName: region.name },
    ...{ ServiceCategory: service.category, ServiceName: service.name },
    ...{ SubAccountId: project.id, SubAccountName: project.label },
    Tags: JSON.stringify({ project: project.name }),
  };
}

/** A service's costs in a month: growth since the account began, the month's course, and what was unusual. */
function amountOf(
  { account, ago }: SampleWish,
  project: PlannedProject,
  service: PlannedService,
  place: number,
): Decimal {
  const months = (service.since ?? account.since) - ago;
  const course = COURSE[(months + place * STEP) % COURSE.length] ?? '1';
  const unusual = project.exceptions?.find((one) => one.ago === ago)?.times ?? '1';
  return new Decimal(service.amount).times(new Decimal(project.growth).pow(months)).times(course).times(unusual);
}

function instantOf(date: string): Date {
  return new Date(`${date.replace(' ', 'T')}Z`);
}
