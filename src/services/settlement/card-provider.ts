import type { CardDetails } from '../../billing/group/payment-method.ts';
import type { Decimal } from '../../billing/money/money.ts';

/** A payment to be made through a card provider. */
export interface ChargeOrder {
  /** The idempotency key: the same order always has the same key. */
  readonly key: string;
  readonly accountId: string;
  readonly invoiceId: string;
  readonly amount: Decimal;
  /** ISO 4217. */
  readonly currency: string;
  /** The provider's token for the card. */
  readonly token: string;
  /** The text on the cardholder's statement, if the provider shows it. */
  readonly description: string;
}

/** The outcome of a charge. A reason is for the cardholder to read. */
export type ChargeOutcome =
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly reason: string }
  /** The provider is still processing it. */
  | { readonly state: 'open' };

export interface RefundOrder {
  /** The idempotency key: the same order always has the same key. */
  readonly key: string;
  /** The provider's ID of the payment that is refunded, in full or in part. */
  readonly providerPaymentId: string;
  readonly amount: Decimal;
  readonly currency: string;
}

/** A card that was entered on the provider's page, with the details that the provider reveals. */
export interface EnteredCard extends CardDetails {
  /** The provider's token. */
  readonly token: string;
}

export type SetupOutcome =
  | { readonly state: 'open' | 'expired' }
  | { readonly state: 'done'; readonly card: EnteredCard };

/** Why an amount can't be charged to any card. */
export type CardObstacle =
  /** The amount is below the provider's minimum; null if only the provider knows its minimum. */
  | { readonly kind: 'below_minimum'; readonly minimum: Decimal | null }
  /** The provider's units can't express it, such as thousandths of a dinar or hundredths of an ariary. */
  | { readonly kind: 'not_representable' }
  | { readonly kind: 'too_large' };

/** A card provider. Every call may be repeated. A failed connection throws, and the call is retried. */
export interface CardProvider {
  /** Why an amount can't be charged, if known without asking the provider; undefined or absent if nothing is known. */
  obstacle?(amount: Decimal, currency: string): CardObstacle | undefined;
  /**
   * Creates a payment without charging it. @returns the provider's ID of it @throws {ProviderRefusal}, {AmountRefusal}
   */
  prepare(order: ChargeOrder): Promise<string>;
  /** Charges a payment unless it was already charged, and returns its outcome. */
  charge(providerId: string): Promise<ChargeOutcome>;
  /** Opens a page on which a card is entered for an account. @returns its ID and its address */
  openSetup(of: { accountId: string; teamId: string }): Promise<{ readonly id: string; readonly url: string }>;
  /** The outcome of such a page. */
  setupOutcome(id: string): Promise<SetupOutcome>;
  /** Makes a refund, once per key. */
  refund(order: RefundOrder): Promise<ChargeOutcome>;
}

/** The provider will always reject it. The message is for people. */
export class ProviderRefusal extends Error {
  override readonly name: string = 'ProviderRefusal';
}

/** The provider doesn't charge such an amount to any card, so this isn't a card failure. */
export class AmountRefusal extends ProviderRefusal {
  override readonly name = 'AmountRefusal';
  readonly obstacle: CardObstacle;

  constructor(message: string, obstacle: CardObstacle) {
    super(message);
    this.obstacle = obstacle;
  }
}
