import type { Decimal } from '../money/money.ts';
import { conflict, invalid, notFound } from './kind.ts';

/** Billing groups, their billing information and their budgets. */
export const GROUP_REFUSALS = {
  /** The typed words could be one amount, or an amount and thresholds. */
  ambiguous_amount: invalid<{
    readonly readings: readonly [string, string];
    readonly amount: string;
    readonly percents: string;
  }>('amount'),
  billing_group_is_primary: conflict<{ readonly name: string }>(),
  billing_group_name_taken: conflict<{ readonly name: string }>('name'),
  /** `projects` is the total number; `first` names some of them. */
  billing_group_not_empty: conflict<{
    readonly name: string;
    readonly projects: number;
    readonly first: readonly string[];
  }>(),
  billing_group_not_found: notFound<{ readonly name?: string; readonly nearest?: string }>(),
  changed_meanwhile: conflict<{ readonly what: 'billing information' | 'estimate' | 'incoming payment' }>(),
  currency_in_use: conflict<
    | { readonly because: 'invoices'; readonly group: string; readonly currency: string }
    | { readonly because: 'costs'; readonly group: string; readonly currency: string }
    | {
        readonly because: 'credit';
        readonly group: string;
        readonly code: string;
        readonly left: Decimal;
        readonly currency: string;
      }
    | { readonly because: 'payment_method'; readonly currency: string }
  >('currency'),
  primary_group_private: conflict<{ readonly name: string }>(),
};
