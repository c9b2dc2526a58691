// The second calculation's input and output: plain digits in, integer minor units out.

export interface OracleCost {
  readonly project: string;
  readonly service: string;
  readonly currency: string;
  /** A late cost's month; empty for the invoice's own. */
  readonly late: string;
  readonly amount: string;
}

export interface OracleTerm {
  readonly id: string;
  readonly from: string;
  readonly until: string | null;
  readonly currency: string;
  readonly amount: string;
}
export interface OracleCharge extends OracleTerm {
  readonly isMonthly: boolean;
  /** Empty for the whole group. */
  readonly project: string;
}
export interface OracleDiscount extends OracleTerm {
  readonly scope: 'service' | 'project' | 'group';
  /** The project or service. */
  readonly on: string;
  readonly isPercentage: boolean;
}
export interface OracleCredit {
  readonly id: string;
  readonly isPurchased: boolean;
  /** Empty for the whole group. */
  readonly project: string;
  readonly remaining: string;
  /** Milliseconds; null for never. */
  readonly expires: number | null;
  readonly claimed: number;
}
export interface OracleTax {
  readonly category: string;
  readonly rate: string;
}

export interface OracleInput {
  readonly month: string;
  readonly currency: string;
  /** The currency's decimals. */
  readonly decimals: number;
  readonly costs: readonly OracleCost[];
  readonly charges: readonly OracleCharge[];
  readonly discounts: readonly OracleDiscount[];
  readonly commitments: readonly OracleTerm[];
  readonly credits: readonly OracleCredit[];
  /** By currency; a missing currency has no rate. */
  readonly rates: Readonly<Record<string, string>>;
  readonly tax: OracleTax;
  readonly serviceTax: Readonly<Record<string, OracleTax>>;
  /** By the month of late costs. */
  readonly lateTax: Readonly<Record<string, OracleTax>>;
}

/** All amounts in minor units. */
export interface OracleInvoice {
  /** `project|service|late|currency` for a cost; the ID for a charge or commitment. */
  readonly lines: ReadonlyMap<string, bigint>;
  readonly uses: ReadonlyMap<string, bigint>;
  readonly net: bigint;
  /** By `category rate`: base and tax. */
  readonly taxes: ReadonlyMap<string, readonly [bigint, bigint]>;
  readonly tax: bigint;
  readonly total: bigint;
  readonly prepaid: bigint;
  readonly due: bigint;
  readonly missing: readonly string[];
}
