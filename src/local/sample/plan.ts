import type { Role } from '../../billing/account/role.ts';
import type { BillingInput } from '../../billing/group/billing-input.ts';

/** A company that bills for cloud resources, as FOCUS files name it. */
export interface Provider {
  readonly name: string;
  readonly issuer: string;
  readonly billingAccount: { readonly id: string; readonly name: string };
  readonly region: { readonly id: string; readonly name: string };
}

/** What a project uses of a provider. */
export interface PlannedService {
  readonly name: string;
  /** One of FOCUS's service categories. */
  readonly category: string;
  /** Of a usual month, in the account's currency. */
  readonly amount: string;
  /** How many months before the current one it was used first; from the beginning by default. */
  readonly since?: number;
  /** A part of the amount that is charged once a month. */
  readonly monthly?: MonthlyCharge;
}

export interface MonthlyCharge {
  /** Of the month's amount. */
  readonly share: string;
  readonly on: 'first day' | 'last day';
  readonly description: string;
}

/** Costs that begin a few days before the sample ends, so that they are unusual. */
export interface Surge {
  /** One of the project's services. */
  readonly service: string;
  /** How many days before the last one. */
  readonly daysAgo: number;
  /** Of a day, in the account's currency. */
  readonly amount: string;
  readonly description: string;
  readonly region: Provider['region'];
}

/** A cost that differs from a project's usual ones. `ago` is in months before the current one. */
export interface Exception {
  readonly ago: number;
  /** Multiplies the month's costs. */
  readonly times?: string;
  /** The days of the month that have what is more; all if absent. */
  readonly days?: { readonly from: number; readonly until: number };
  /** A refund by the provider, as a positive amount. */
  readonly refund?: { readonly amount: string; readonly description: string };
}

/** A project of the sample. */
export interface PlannedProject {
  /** The provider's ID. */
  readonly id: string;
  readonly name: string;
  readonly label: string;
  /** The group that it is in at first. */
  readonly group: string;
  readonly provider: Provider;
  /** The factor from each month to the next. */
  readonly growth: string;
  readonly services: readonly PlannedService[];
  readonly exceptions?: readonly Exception[];
  readonly surge?: Surge;
  readonly leads: { readonly users?: readonly string[]; readonly userGroups?: readonly string[] };
}

/** A billing group of the sample. */
export interface PlannedGroup {
  readonly name: string;
  readonly environment: string;
  /** ISO 4217; the account's by default. */
  readonly currency?: string;
  readonly billing?: Partial<BillingInput>;
  /** Whether nobody pays its invoices. */
  readonly isInternal?: boolean;
}

/** An account of the sample. */
export interface PlannedAccount {
  readonly name: string;
  readonly timeZone: string;
  readonly currency: string;
  /** How many months before the current one it begins. */
  readonly since: number;
  readonly members: Readonly<Record<string, Role>>;
  /** The first is the primary group. */
  readonly groups: readonly PlannedGroup[];
  readonly projects: readonly PlannedProject[];
}
