import type { Decimal } from '../../billing/money/money.ts';

/** A payment to be made at a provider of card payments. */
export interface ChargeOrder {
  /** The same order has the same key, however often it is sent. */
  readonly key: string;
  readonly accountId: string;
  readonly invoiceId: string;
  readonly amount: Decimal;
  /** ISO 4217. */
  readonly currency: string;
  /** The provider's, of the card. */
  readonly token: string;
  /** On the card's statement of account, where the provider shows it. */
  readonly description: string;
}

/** What became of a charge; a reason is for the card's holder to read. */
export type ChargeOutcome =
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly reason: string }
  /** The provider is at it. */
  | { readonly state: 'open' };

export interface RefundOrder {
  /** The same order has the same key, however often it is sent. */
  readonly key: string;
  /** The provider's id of the payment that is given back, wholly or in part. */
  readonly providerPaymentId: string;
  readonly amount: Decimal;
  readonly currency: string;
}

/** A card that was entered at the provider's, with what it reveals of it. */
export interface EnteredCard {
  /** By which the provider knows it. */
  readonly token: string;
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
  readonly name: string;
  /** ISO 3166-1 alpha-2, or empty. */
  readonly countryCode: string;
}

export type SetupOutcome =
  | { readonly state: 'open' | 'expired' }
  | { readonly state: 'done'; readonly card: EnteredCard };

/** Why an amount can't be charged to a card, whichever card it is. */
export type CardObstacle =
  /** The provider takes no charge that small; null where only the provider knows its minimum. */
  | { readonly kind: 'below_minimum'; readonly minimum: Decimal | null }
  /** The provider's units can't express it: thousandths of a dinar, hundredths of an ariary. */
  | { readonly kind: 'not_representable' }
  | { readonly kind: 'too_large' };

/** Who charges cards. Every call may be repeated; what fails for want of a connection throws, and is tried again. */
export interface CardProvider {
  /** Why an amount can't be charged, known without asking; undefined, or absent, where nothing is known against it. */
  obstacle?(amount: Decimal, currency: string): CardObstacle | undefined;
  /** Makes a payment that is not charged yet. @returns the provider's id of it @throws {ProviderRefusal}, {AmountRefusal} */
  prepare(order: ChargeOrder): Promise<string>;
  /** Charges a payment that was made, unless it was charged, and says what became of it. */
  charge(providerId: string): Promise<ChargeOutcome>;
  /** Opens a page on which a card is entered for an account. @returns its id and its address */
  openSetup(of: { accountId: string; teamId: string }): Promise<{ readonly id: string; readonly url: string }>;
  /** What became of such a page. */
  setupOutcome(id: string): Promise<SetupOutcome>;
  /** Gives money back, once for a key. */
  refund(order: RefundOrder): Promise<ChargeOutcome>;
}

/** The provider will not do it, however often it is asked; the message is for people. */
export class ProviderRefusal extends Error {
  override readonly name: string = 'ProviderRefusal';
}

/** The provider charges no such amount, whichever card it is: nothing has failed at the card. */
export class AmountRefusal extends ProviderRefusal {
  override readonly name = 'AmountRefusal';
  readonly obstacle: CardObstacle;

  constructor(message: string, obstacle: CardObstacle) {
    super(message);
    this.obstacle = obstacle;
  }
}
