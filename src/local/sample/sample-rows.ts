import { stringify } from 'csv-stringify/sync';
import { Decimal } from '../../billing/money/money.ts';
import { nextPeriod, type Period, shiftPeriod } from '../../billing/period/period.ts';
import type { PlannedAccount, PlannedProject, PlannedService } from './plan.ts';

/** Which of an account's costs to return, and as of when. */
export interface SampleWish {
  readonly account: Pick<PlannedAccount, 'currency' | 'projects' | 'since'>;
  readonly month: Period;
  /** How many months before the current one it is. */
  readonly ago: number;
  /** Leaves out charges that began later. */
  readonly until?: Date;
}

/** A row of a FOCUS file by its columns. */
export type SampleRow = Readonly<Record<string, string>>;

/**
 * A month's costs in four parts, so that the present month can be shown as of any day: the first and last day of each,
 * and its share. Few rows keep local mode's start fast.
 */
const PARTS = [
  { first: '01', last: '07', share: '0.24' },
  { first: '08', last: '14', share: '0.23' },
  { first: '15', last: '21', share: '0.23' },
  { first: '22', last: '28', share: '0.30' },
] as const;
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

/** A month's costs of an account, one row for each service and part of the month; none if it has just begun. */
export function sampleRows(wish: SampleWish): SampleRow[] {
  return wish.account.projects
    .flatMap((project, place) => [...usageOf(wish, project, place), ...refundsOf(wish, project)])
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
    .flatMap((service) => {
      const amount = amountOf(wish, project, service, place);
      return PARTS.map(({ first, last, share }) => ({
        ...rowOf(wish, project, service, amount.times(share)),
        ChargeCategory: 'Usage',
        ChargeDescription: `${service.name} in ${project.provider.region.name}`,
        ChargeFrequency: 'Usage-Based',
        ChargePeriodStart: `${wish.month}-${first} ${BEGIN}`,
        ChargePeriodEnd: `${wish.month}-${last} ${END}`,
      }));
    });
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
        ChargePeriodStart: `${wish.month}-12 ${BEGIN}`,
        ChargePeriodEnd: `${wish.month}-12 ${END}`,
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
