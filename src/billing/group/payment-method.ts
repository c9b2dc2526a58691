import { count } from '../money/count.ts';

/** The details of a card that its provider reveals. */
export interface CardDetails {
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly name: string;
  /** ISO 3166-1 alpha-2, or empty. */
  readonly countryCode: string;
}

/** How a group pays. For a card, only what its provider's token reveals. */
export type PaymentMethod =
  | ({ readonly kind: 'credit_card' } & CardDetails)
  | { readonly kind: 'bank_transfer'; readonly termsDays: number; readonly currency: string }
  | { readonly kind: 'no_payment_expected' }
  | { readonly kind: 'disabled' };

export const PAYMENT_KINDS = ['bank_transfer', 'credit_card', 'no_payment_expected', 'disabled'] as const;

/** The default payment term, in days (our rule). */
export const DEFAULT_TERMS_DAYS = 14;
export const MOST_TERMS_DAYS = 365;

/** As text: `Visa •••• 4242, until 12/2029`. */
export function methodName(method: PaymentMethod): string {
  switch (method.kind) {
    case 'credit_card':
      return `${method.brand} •••• ${method.last4}, until ${expiryName(method)}`;
    case 'bank_transfer':
      return `Bank transfer in ${method.currency}, ${count(method.termsDays, 'day')}`;
    case 'no_payment_expected':
      return 'No payment expected';
    case 'disabled':
      return 'Disabled';
  }
}

export function expiryName({ expMonth, expYear }: { expMonth: number; expYear: number }): string {
  return `${String(expMonth).padStart(2, '0')}/${expYear}`;
}

/**
 * What happens to an amount below the card provider's minimum: it is added to the next charge, or requested by bank
 * transfer (our rule).
 */
export const SMALL_AMOUNT_POLICIES = ['carry_over', 'bank_transfer'] as const;
export type SmallAmountPolicy = (typeof SMALL_AMOUNT_POLICIES)[number];
export const DEFAULT_SMALL_AMOUNT_POLICY: SmallAmountPolicy = 'carry_over';

export const SMALL_AMOUNT_NAMES: Readonly<Record<SmallAmountPolicy, string>> = {
  carry_over: 'charge them with the next invoice',
  bank_transfer: 'request a bank transfer',
};
