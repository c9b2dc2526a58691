import Stripe from 'stripe';
import { formatMoney } from '../../billing/money/money.ts';
import {
  AmountRefusal,
  type CardProvider,
  type ChargeOutcome,
  type EnteredCard,
  ProviderRefusal,
} from '../../services/settlement/card-provider.ts';
import { stripeAmount, stripeObstacle } from './stripe-amount.ts';

const TIMEOUT_MS = 20_000;
/** As many refunds of one payment as are looked through. */
const MOST_REFUNDS = 100;

export interface StripeOptions {
  readonly secretKey: string;
  /** Where Stripe is; its own address unless a stand-in answers. */
  readonly apiUrl?: string | undefined;
}

/** Stripe's client as this product uses it. */
export function stripeClient({ secretKey, apiUrl }: StripeOptions): Stripe {
  const { protocol, hostname, port } = new URL(apiUrl ?? 'https://api.stripe.com');
  return new Stripe(secretKey, {
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 1,
    telemetry: false,
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port !== '' && { port }),
  });
}

/**
 * Charges cards at Stripe, off session. A payment intent is made first and confirmed then: a confirmed one can't be
 * charged twice, however late it is asked for again, while idempotency keys are only kept for a day.
 */
export function stripeProvider(stripe: Stripe): CardProvider {
  return {
    obstacle: stripeObstacle,

    async prepare({ key, accountId, invoiceId, amount, currency, token, description }) {
      const units = stripeAmount(amount, currency);
      if (units === undefined) {
        throw new AmountRefusal(`Stripe can’t charge ${formatMoney(amount, currency)}.`, { kind: 'not_representable' });
      }
      const [customer, method] = token.includes('/') ? token.split('/') : [undefined, token];
      const intent = await asked(() =>
        stripe.paymentIntents.create(
          {
            amount: units,
            currency: currency.toLowerCase(),
            payment_method: method ?? token,
            automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
            ...(customer !== undefined && { customer }),
            description,
            metadata: { charge: key, accountId, invoiceId },
          },
          { idempotencyKey: key },
        ),
      );
      return intent.id;
    },

    async charge(id) {
      const before = await asked(() => stripe.paymentIntents.retrieve(id));
      const intent = before.status === 'requires_confirmation' ? await confirmed(stripe, id) : before;
      const outcome = outcomeOf(intent);
      // nobody is to complete later, unseen, what failed here
      if (outcome.state === 'failed' && intent.status !== 'canceled')
        await asked(() => stripe.paymentIntents.cancel(id));
      return outcome;
    },

    async openSetup({ accountId, teamId }) {
      const session = await asked(() =>
        stripe.checkout.sessions.create({
          mode: 'setup',
          currency: 'eur',
          customer_creation: 'always',
          allowed_payment_method_types: ['card'],
          metadata: { accountId },
          success_url: `https://slack.com/app_redirect?team=${encodeURIComponent(teamId)}`,
        }),
      );
      if (!session.url) throw new ProviderRefusal('Stripe didn’t return a page for adding a card.');
      return { id: session.id, url: session.url };
    },

    async setupOutcome(id) {
      const session = await asked(() =>
        stripe.checkout.sessions.retrieve(id, { expand: ['setup_intent.payment_method'] }),
      );
      if (session.status === 'expired') return { state: 'expired' };
      const card = session.status === 'complete' ? enteredCard(session) : undefined;
      return card ? { state: 'done', card } : { state: 'open' };
    },

    async refund({ key, providerPaymentId, amount, currency }) {
      const units = stripeAmount(amount, currency);
      if (units === undefined) throw new ProviderRefusal(`Stripe can’t refund ${formatMoney(amount, currency)}.`);
      const made = await asked(() => stripe.refunds.list({ payment_intent: providerPaymentId, limit: MOST_REFUNDS }));
      const refund =
        made.data.find(({ metadata }) => metadata?.refund === key) ??
        (await asked(() =>
          stripe.refunds.create(
            { payment_intent: providerPaymentId, amount: units, metadata: { refund: key } },
            { idempotencyKey: key },
          ),
        ));
      if (refund.status === 'succeeded') return { state: 'succeeded' };
      if (refund.status === 'failed' || refund.status === 'canceled') {
        return { state: 'failed', reason: `Stripe says: ${refund.failure_reason ?? refund.status}.` };
      }
      return { state: 'open' };
    },
  };
}

/** The card of a page that was filled in. A payment method without a customer can be charged once only. */
function enteredCard({ customer, setup_intent: intent }: Stripe.Checkout.Session): EnteredCard | undefined {
  const method = typeof intent === 'object' ? intent?.payment_method : undefined;
  const customerId = typeof customer === 'string' ? customer : customer?.id;
  if (typeof method !== 'object' || !method?.card || customerId === undefined) return undefined;
  const { brand, last4, exp_month: expMonth, exp_year: expYear, country } = method.card;
  const name = method.billing_details.name ?? '';
  const token = `${customerId}/${method.id}`;
  return { token, brand, last4, expMonth, expYear, name, countryCode: country ?? '' };
}

async function confirmed(stripe: Stripe, id: string): Promise<Stripe.PaymentIntent> {
  try {
    return await stripe.paymentIntents.confirm(id, { off_session: true }, { idempotencyKey: `${id}:confirm` });
  } catch (error) {
    // a card that is declined is an answer: the intent says which. So is one that another process has confirmed
    const isAnswer =
      error instanceof Stripe.errors.StripeCardError ||
      (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'payment_intent_unexpected_state');
    if (!isAnswer) throw refusalOf(error);
    return asked(() => stripe.paymentIntents.retrieve(id));
  }
}

function outcomeOf({ status, last_payment_error: error }: Stripe.PaymentIntent): ChargeOutcome {
  switch (status) {
    case 'succeeded':
      return { state: 'succeeded' };
    case 'requires_action':
      return { state: 'failed', reason: 'The card’s bank requires the cardholder to confirm the payment.' };
    case 'requires_payment_method':
    case 'canceled':
      return { state: 'failed', reason: error?.message ?? 'The card was declined.' };
    default:
      return { state: 'open' };
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Tells permanent errors of Stripe from those worth a retry. */
function refusalOf(error: unknown): unknown {
  const isFinal =
    error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError;
  if (!isFinal) return error;
  const message = `Stripe says: ${error.message}`;
  // https://docs.stripe.com/error-codes
  if (error.code === 'amount_too_small') return new AmountRefusal(message, { kind: 'below_minimum', minimum: null });
  if (error.code === 'amount_too_large') return new AmountRefusal(message, { kind: 'too_large' });
  return new ProviderRefusal(message);
}
