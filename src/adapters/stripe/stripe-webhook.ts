import type { IncomingMessage, RequestListener } from 'node:http';
import type Stripe from 'stripe';
import type { Logger } from '../../platform/logger.ts';

const MOST_BYTES = 1_048_576;

export interface WebhookOptions {
  readonly stripe: Stripe;
  /** Of the endpoint: proves that a request comes from Stripe. */
  readonly secret: string;
  readonly log: Logger;
  /** Told of a payment intent that something happened to; Stripe sends again what throws. */
  heard(paymentIntentId: string): Promise<void>;
}

/**
 * Where Stripe tells what happened to a payment. What it says is only taken as a reason to ask: the answer comes from
 * Stripe itself, so that a notice that is old, doubled or out of order does no harm.
 */
export function stripeWebhook({ stripe, secret, log, heard }: WebhookOptions): RequestListener {
  return (request, response) => {
    const answer = (status: number) => response.writeHead(status, { 'content-type': 'text/plain' }).end();
    const work = async () => {
      if (request.method !== 'POST') return answer(405);
      const body = await bodyOf(request);
      if (!body) return answer(413);
      const event = eventOf(stripe, body, request.headers['stripe-signature'], secret);
      if (!event) return answer(400);
      if (event.type.startsWith('payment_intent.')) {
        const { object } = event.data;
        if ('id' in object && typeof object.id === 'string') await heard(object.id);
      }
      return answer(200);
    };
    work().catch((error: unknown) => {
      log.error({ err: error }, 'a Stripe webhook could not be processed. Stripe sends it again');
      if (!response.headersSent) answer(500);
    });
  };
}

function eventOf(stripe: Stripe, body: Buffer, signature: string | string[] | undefined, secret: string) {
  try {
    return stripe.webhooks.constructEvent(body, signature ?? '', secret);
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
