import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stripeAmount, stripeObstacle } from '../../src/adapters/stripe/stripe-amount.ts';
import { stripeClient } from '../../src/adapters/stripe/stripe-cards.ts';
import { stripeWebhook } from '../../src/adapters/stripe/stripe-webhook.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { stripeSignature } from '../support/stripe.ts';

const SECRET = 'whsec_of_tests';
const told: string[] = [];
let server: Server;
let url = '';
let fails = false;

beforeAll(async () => {
  const listener = stripeWebhook({
    stripe: stripeClient({ secretKey: 'sk_test_of_tests' }),
    secret: SECRET,
    log: silentLogger(),
    async heard(id) {
      if (fails) throw new Error('no database');
      told.push(id);
    },
  });
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stripe/webhook`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  told.length = 0;
  fails = false;
});

const event = (type: string, object: unknown) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
const send = (body: string, signature: string) =>
  fetch(url, { method: 'POST', body, headers: { 'stripe-signature': signature } });
const signed = (body: string, secret = SECRET, at = new Date()) => send(body, stripeSignature(body, secret, at));

describe('a Stripe webhook', () => {
  const body = event('payment_intent.succeeded', { id: 'pi_1', object: 'payment_intent' });

  it('is accepted with the right signature', async () => {
    expect((await signed(body)).status).toBe(200);
    expect(told).toEqual(['pi_1']);
  });

  it.each([
    ['made with another secret', () => signed(body, 'whsec_of_another')],
    ['that is ten minutes old', () => signed(body, SECRET, new Date(Date.now() - 600_000))],
    ['that has been changed', () => send(`${body} `, stripeSignature(body, SECRET, new Date()))],
    ['that is missing', () => send(body, '')],
  ])('is rejected with a signature %s', async (_how, sending) => {
    expect((await sending()).status).toBe(400);
    expect(told).toEqual([]);
  });

  it('about an unrelated event is acknowledged and does nothing', async () => {
    expect((await signed(event('customer.created', { id: 'cus_1' }))).status).toBe(200);
    expect(told).toEqual([]);
  });

  it('gets an error when it can’t be processed, so that Stripe sends it again', async () => {
    fails = true;
    expect((await signed(body)).status).toBe(500);
  });

  it('can’t be read with GET, and is limited to one megabyte', async () => {
    expect((await fetch(url)).status).toBe(405);
    expect((await signed('x'.repeat(1_100_000))).status).toBe(413);
  });
});

describe('an amount in Stripe’s units', () => {
  it.each([
    ['119.00', 'EUR', 11_900],
    ['1190', 'JPY', 1190],
    ['1.230', 'KWD', 1230],
    ['1.234', 'KWD', undefined],
    ['500', 'ISK', 50_000],
    ['0.001', 'EUR', undefined],
    ['100.00', 'MGA', 100],
    ['100.50', 'MGA', undefined],
    ['500', 'UGX', 50_000],
    ['500.5', 'ISK', undefined],
    ['500', 'JPY', 500],
    ['5.5', 'HUF', 550],
    ['5.5', 'TWD', 550],
    ['12.340', 'KWD', 12_340],
    ['12.345', 'KWD', undefined],
  ])('%s %s is %s', (amount, currency, units) => {
    expect(stripeAmount(new Decimal(amount), currency)).toBe(units);
  });

  it.each([
    ['0.49', 'EUR', 'below_minimum'],
    ['0.50', 'EUR', undefined],
    ['0.49', 'USD', 'below_minimum'],
    ['0.29', 'GBP', 'below_minimum'],
    ['0.30', 'GBP', undefined],
    ['49', 'JPY', 'below_minimum'],
    ['50', 'JPY', undefined],
    ['0.01', 'ILS', undefined],
    ['12.345', 'KWD', 'not_representable'],
  ])('%s %s is checked before a charge: %s', (amount, currency, kind) => {
    expect(stripeObstacle(new Decimal(amount), currency)?.kind).toBe(kind);
  });
});
