import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripeClient, stripeProvider } from '../../src/adapters/stripe/stripe-cards.ts';
import type { CardProvider } from '../../src/services/settlement/card-provider.ts';

interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly currency: string;
  readonly payment_method: string;
  readonly metadata: Record<string, string>;
  status: string;
  last_payment_error: { message: string } | null;
}

interface Session {
  readonly id: string;
  status: 'open' | 'complete' | 'expired';
  customer: string | null;
  /** The ID of the payment method that was entered. */
  card: string | null;
}

interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly payment_intent: string;
  readonly metadata: Record<string, string>;
  readonly status: string;
}

/** What fails in the next calls with a matching path. */
export interface Fault {
  readonly path: RegExp;
  /** `drop_after` carries out the call and drops the connection; `error` answers 500 and does nothing. */
  readonly kind: 'drop_before' | 'drop_after' | 'error';
  times: number;
}

/** The Stripe calls that this product uses, over HTTP, with idempotency keys as in Stripe. */
export interface StripeStandIn {
  readonly url: string;
  readonly intents: Map<string, Intent>;
  readonly refunds: Map<string, Refund>;
  /** Pages for entering a card. */
  readonly sessions: Map<string, Session>;
  /** Intents when they were first confirmed: each charge of a card. */
  readonly charged: string[];
  readonly faults: Fault[];
  /** The smallest charges it accepts, in the provider's units, by lowercase currency. */
  readonly minimums: Map<string, number>;
  close(): Promise<void>;
}

/**
 * The card `pm_declined` is declined, `pm_action` requires its holder, `pm_slowly` stays processing; others are
 * charged.
 */
export async function startStripe(): Promise<StripeStandIn> {
  const intents = new Map<string, Intent>();
  const refunds = new Map<string, Refund>();
  const sessions = new Map<string, Session>();
  const charged: string[] = [];
  const faults: Fault[] = [];
  const minimums = new Map<string, number>();
  const kept = new Map<string, unknown>();
  let made = 0;

  const act = (method: string, path: string, form: URLSearchParams): { status: number; body: unknown } => {
    const [, id = '', verb] = /^\/v1\/payment_intents\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const metadata = metadataOf(form);
    if (method === 'POST' && path === '/v1/payment_intents') {
      const card = form.get('payment_method') ?? '';
      if (card === 'pm_vanished') return fault(400, 'invalid_request_error', 'No such PaymentMethod.');
      if (Number(form.get('amount')) < (minimums.get(form.get('currency') ?? '') ?? 0))
        return fault(400, 'invalid_request_error', 'The amount is too small.', 'amount_too_small');
      made += 1;
      const intent: Intent = {
        ...{ id: `pi_${made}`, object: 'payment_intent', status: 'requires_confirmation', last_payment_error: null },
        ...{ amount: Number(form.get('amount')), currency: form.get('currency') ?? '', payment_method: card, metadata },
      };
      intents.set(intent.id, intent);
      return { status: 200, body: intent };
    }
    if (path === '/v1/refunds' && method === 'GET') {
      const data = [...refunds.values()].filter(({ payment_intent }) => payment_intent === form.get('payment_intent'));
      return { status: 200, body: { object: 'list', data, has_more: false } };
    }
    if (path === '/v1/refunds') {
      const intent = intents.get(form.get('payment_intent') ?? '');
      const given = [...refunds.values()].filter((one) => one.payment_intent === intent?.id);
      const amount = Number(form.get('amount'));
      const sum = given.reduce((total, one) => total + one.amount, amount);
      if (intent?.status !== 'succeeded' || sum > intent.amount)
        return fault(400, 'invalid_request_error', 'Too much.');
      const refund: Refund = {
        ...{ id: `re_${refunds.size + 1}`, object: 'refund', status: 'succeeded' },
        ...{ amount, payment_intent: intent.id, metadata },
      };
      refunds.set(refund.id, refund);
      return { status: 200, body: refund };
    }
    const session = /^\/v1\/checkout\/sessions(?:\/(\w+))?$/.exec(path);
    if (session && method === 'POST') {
      const made: Session = { id: `cs_${sessions.size + 1}`, status: 'open', customer: null, card: null };
      sessions.set(made.id, made);
      return { status: 200, body: sessionBody(made) };
    }
    const known = session && sessions.get(session[1] ?? '');
    if (known) return { status: 200, body: sessionBody(known) };
    const intent = intents.get(id);
    if (!intent) return fault(404, 'invalid_request_error', 'No such payment_intent.');
    if (verb === undefined) return { status: 200, body: intent };
    if (verb === 'cancel') {
      intent.status = 'canceled';
      return { status: 200, body: intent };
    }
    if (intent.status !== 'requires_confirmation') {
      return fault(400, 'invalid_request_error', 'Unexpected state.', 'payment_intent_unexpected_state');
    }
    return confirm(intent, charged);
  };

  const server = createServer(async (request, response) => {
    const { form, path } = await read(request);
    const wrong = faults.find((one) => one.times > 0 && one.path.test(path));
    if (wrong) wrong.times -= 1;
    if (wrong?.kind === 'drop_before') return void response.destroy();
    if (wrong?.kind === 'error') return send(response, fault(500, 'api_error', 'Something went wrong.'));
    const key = request.headers['idempotency-key'];
    const again = typeof key === 'string' ? kept.get(key) : undefined;
    const answer = again ? (again as ReturnType<typeof act>) : act(request.method ?? '', path, form);
    if (typeof key === 'string') kept.set(key, answer);
    if (wrong?.kind === 'drop_after') return void response.destroy();
    return send(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, intents, refunds, sessions, charged, faults, minimums },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A body's signature as in Stripe: https://docs.stripe.com/webhooks#verify-manually */
export function stripeSignature(body: string, secret: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

function sessionBody({ id, status, customer, card }: Session) {
  const shown = { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2030, country: 'DE' };
  const method = { id: card, object: 'payment_method', card: shown, billing_details: { name: 'Ann' } };
  const intent = card === null ? null : { id: 'seti_1', object: 'setup_intent', payment_method: method };
  return { id, object: 'checkout.session', status, customer, setup_intent: intent, url: `https://stripe.test/${id}` };
}

function confirm(intent: Intent, charged: string[]) {
  switch (intent.payment_method) {
    case 'pm_declined':
      intent.status = 'requires_payment_method';
      intent.last_payment_error = { message: 'Your card was declined.' };
      return fault(402, 'card_error', 'Your card was declined.', 'card_declined');
    case 'pm_action':
      intent.status = 'requires_action';
      break;
    case 'pm_slowly':
      intent.status = 'processing';
      break;
    default:
      intent.status = 'succeeded';
      charged.push(intent.id);
  }
  return { status: 200, body: intent };
}

function fault(status: number, type: string, message: string, code?: string) {
  return { status, body: { error: { type, message, ...(code !== undefined && { code }) } } };
}

function metadataOf(form: URLSearchParams): Record<string, string> {
  const entries = [...form].flatMap(([name, value]) => {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}

async function read(request: IncomingMessage) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url ?? '/', 'http://stripe');
  return { path: url.pathname, form: new URLSearchParams(body === '' ? url.search : body) };
}

function send(response: ServerResponse, { status, body }: { status: number; body: unknown }): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The product's client for it. */
export function cardsOf({ url }: StripeStandIn): CardProvider {
  return stripeProvider(stripeClient({ secretKey: 'sk_test_of_tests', apiUrl: url }));
}
