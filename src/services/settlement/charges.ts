import { CHARGEABLE_STATES, openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney, sum } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { methodIdOf } from '../../store/groups/group-reads.ts';
import type { InvoiceName } from '../../store/invoicing/invoice-reads.ts';
import { eachToCharge } from '../../store/invoicing/invoices-to-do.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import {
  chargeOrFail,
  countCharges,
  eachOpenCharge,
  endCharge,
  insertCharge,
  openCharge,
  openChargeByProvider,
  setProviderId,
} from '../../store/settlement/charge-queries.ts';
import { methodById, type PaymentMethodDoc } from '../../store/settlement/payment-methods.ts';
import type { ChargeDoc, ChargePart } from '../../store/settlement/payments.ts';
import { eachOfAll, eachStep, type Loop } from '../background/each-of-all.ts';
import { Hold } from '../background/held-lease.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import {
  AmountRefusal,
  type CardObstacle,
  type CardProvider,
  type ChargeOutcome,
  ProviderRefusal,
} from './card-provider.ts';
import {
  assertNotCredited,
  balanceOf,
  type IssuedInvoice,
  isBeingCharged,
  isBeingCredited,
  issuedInvoice,
  step,
} from './invoice-balance.ts';
import { receive } from './payments.ts';
import { carriedOver, setAside, wasRefusedAsTooSmall } from './uncharged-amounts.ts';

/** The card wasn't tried, because no card can be charged such an amount. */
interface Withdrawal {
  readonly state: 'withdrawn';
  readonly obstacle: CardObstacle;
}

const BATCH = 100;
/** Renewed while it is charged. If the process is killed, an invoice waits this long. */
const LEASE_MS = 10_000;
const BEGINNING: Loop<InvoiceName> = {
  kind: 'charge-begin',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId, invoiceId: id }),
  what: 'prepare the credit card charge',
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};
const CHARGING: Loop<ChargeDoc> = {
  kind: 'charge',
  whole: 'everywhere',
  name: ({ _id: id, accountId, invoiceId }) => ({ id, accountId, invoiceId }),
  what: 'reach the card provider to charge an invoice',
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};
const NO_CARD = 'The billing group has no credit card.';

/**
 * Charges due invoices to cards. A charge is stored before the provider is called, and the provider's payment is
 * created before it is charged: if a process dies, the next one looks up the outcome of exactly that payment, so a card
 * is charged only once.
 *
 * @returns how many charges were completed
 */
export async function chargeDue(ctx: Ctx, provider: CardProvider): Promise<number> {
  let ended = 0;
  await eachStep(ctx, {
    begin: () =>
      // invoices waiting for another charge must not keep chargeable ones from their turn
      eachOfAll(ctx, BEGINNING, eachToCharge(), async ({ _id, accountId }) => {
        await inTransaction(ctx, (tx) => begin(tx, accountId, _id, provider));
      }),
    charge: () =>
      eachOfAll(ctx, CHARGING, eachOpenCharge(), async (charge) => {
        ended += (await tryCharge(ctx, provider, charge)) ? 1 : 0;
      }),
  });
  return ended;
}

/**
 * Charges an invoice again, to its group's current card. Safe to repeat: one charge at a time.
 *
 * @returns its number
 * @throws {Refusal} `wrong_state`, `being_charged`, `being_credited`, `no_card` with what to do,
 * `invoice_not_found`, `role_needed`
 */
export async function chargeAgain(
  ctx: Ctx,
  { accountId, invoiceId }: { readonly accountId: string; readonly invoiceId: string },
): Promise<string> {
  return inChange(ctx, accountId, 'issue', async (tx) => {
    const invoice = await issuedInvoice(accountId, invoiceId);
    if (!CHARGEABLE_STATES.some((state) => state === invoice.state)) {
      throw new Refusal('wrong_state', { number: invoice.number, state: invoice.state, action: 'charge' });
    }
    await assertNotCredited(invoice);
    if (!(await cardOf(invoice))) throw new Refusal('no_card');
    if (!(await begin(tx, accountId, invoiceId))) throw new Refusal('being_charged', { number: invoice.number });
    tx.nudge('charges');
    return invoice.number;
  });
}

/** Looks up the outcome of a payment after a notification from the provider. Ignores payments that aren't ours. */
export async function recordChargeOutcome(ctx: Ctx, provider: CardProvider, providerId: string): Promise<void> {
  const charge = await openChargeByProvider(providerId);
  if (charge) await tryCharge(ctx, provider, charge);
}

/**
 * Stores a charge for an invoice and for amounts carried over to it. An invoice without a card counts as failed, and an
 * amount that no card can be charged is set aside.
 *
 * @param provider with limits known in advance; if absent, limits only show when a charge is tried
 * @returns whether a charge was started
 */
async function begin(tx: Change, accountId: string, invoiceId: string, provider?: CardProvider): Promise<boolean> {
  const invoice = await issuedInvoice(accountId, invoiceId);
  const open = openAmount(balanceOf(invoice));
  if (!CHARGEABLE_STATES.some((state) => state === invoice.state) || open.isZero()) return false;
  if ((await isBeingCharged(invoice)) || (await isBeingCredited(invoice))) return false;
  const card = await cardOf(invoice);
  const { invoices, total } = await together(invoice, provider);
  const obstacle = provider?.obstacle?.(total, invoice.currency) ?? remembered(invoice, total);
  if (obstacle) {
    await setAside(tx, invoice, { obstacle, tried: total, hasCard: card !== undefined });
    return false;
  }
  if (!card) {
    if (invoice.state === 'due') await failed(tx, invoice, 'failed_no_credit_card', NO_CARD);
    return false;
  }
  const number = (await countCharges(accountId, invoiceId)) + 1;
  await insertCharge(tx, {
    _id: `${invoiceId}:${number}`,
    ...{ accountId, invoiceId, number, currency: invoice.currency, paymentMethodId: card._id },
    amount: toDecimal128(total),
    ...(invoices.length > 1 && { parts: invoices.map(partOf) }),
    state: 'open',
    askedBy: actorName(tx.actor),
    askedAt: tx.clock.now(),
  });
  // conflicts with any other change of the open amount
  for (const one of invoices) await step(tx, one, {});
  return true;
}

/** The invoices to charge together: this one, and earlier ones that were too small, if the total can be charged. */
async function together(invoice: IssuedInvoice, provider: CardProvider | undefined) {
  const waiting: IssuedInvoice[] = [];
  for (const one of await carriedOver(invoice)) if (!(await isBeingCredited(one))) waiting.push(one);
  const openOf = (one: IssuedInvoice) => openAmount(balanceOf(one));
  const all = { invoices: [invoice, ...waiting], total: sum([invoice, ...waiting].map(openOf)) };
  const alone = { invoices: [invoice], total: openOf(invoice) };
  const isBlocked = ({ total }: typeof all) => provider?.obstacle?.(total, invoice.currency) !== undefined;
  return isBlocked(all) && !isBlocked(alone) ? alone : all;
}

/** The provider's earlier responses to such amounts: its tables don't list every minimum. */
function remembered(invoice: IssuedInvoice, total: Decimal): CardObstacle | undefined {
  return wasRefusedAsTooSmall(invoice, total) ? { kind: 'below_minimum', minimum: null } : undefined;
}

function partOf(invoice: IssuedInvoice): ChargePart {
  return { invoiceId: invoice._id, amount: toDecimal128(openAmount(balanceOf(invoice))) };
}

async function tryCharge(ctx: Ctx, provider: CardProvider, { _id, accountId }: ChargeDoc): Promise<boolean> {
  const hold = await Hold.claim(`charge:${_id}`, LEASE_MS);
  if (!hold) return false;
  try {
    const charge = await openCharge(accountId, _id);
    if (!charge) return false;
    const outcome = await outcomeOf(provider, charge);
    if (outcome.state === 'open') return false;
    await inTransaction(ctx, (tx) => finish(tx, charge, outcome));
    return true;
  } finally {
    await hold.free();
  }
}

/** Asks the provider for the outcome of a charge, and to charge it if that hasn't happened yet. */
async function outcomeOf(provider: CardProvider, charge: ChargeDoc): Promise<ChargeOutcome | Withdrawal> {
  const { _id, accountId, invoiceId, currency } = charge;
  const card = await methodById(accountId, charge.paymentMethodId);
  try {
    if (charge.providerId !== null) return await provider.charge(charge.providerId);
    if (card?.token == null) return { state: 'failed', reason: NO_CARD };
    const obstacle = provider.obstacle?.(fromDecimal128(charge.amount), currency);
    if (obstacle) return { state: 'withdrawn', obstacle };
    const numbers = await numbersOf(charge);
    const providerId = await provider.prepare({
      ...{ key: _id, accountId, invoiceId, currency, token: card.token },
      amount: fromDecimal128(charge.amount),
      description: `${numbers.length > 1 ? 'Invoices' : 'Invoice'} ${numbers.join(', ')}`,
    });
    await setProviderId(accountId, _id, providerId);
    return await provider.charge(providerId);
  } catch (error) {
    if (error instanceof AmountRefusal) return { state: 'withdrawn', obstacle: error.obstacle };
    if (error instanceof ProviderRefusal) return { state: 'failed', reason: error.message };
    throw error;
  }
}

async function finish(
  tx: Change,
  { _id: id, accountId }: Pick<ChargeDoc, '_id' | 'accountId'>,
  outcome: Exclude<ChargeOutcome, { state: 'open' }> | Withdrawal,
): Promise<void> {
  const charge = await chargeOrFail(accountId, id);
  if (charge.state !== 'open') return;
  const invoice = await issuedInvoice(charge.accountId, charge.invoiceId);
  const ended = { state: outcome.state, endedAt: tx.clock.now() };
  if (outcome.state === 'withdrawn') {
    await endCharge(tx, accountId, id, ended);
    const hasCard = (await cardOf(invoice)) !== undefined;
    await setAside(tx, invoice, { obstacle: outcome.obstacle, tried: fromDecimal128(charge.amount), hasCard });
    return;
  }
  if (outcome.state === 'failed') {
    await endCharge(tx, accountId, id, { ...ended, failure: outcome.reason });
    await failed(tx, invoice, 'failed_credit_card_charge', outcome.reason);
    return;
  }
  await endCharge(tx, accountId, id, ended);
  const { timeZone } = await accountOrFail(accountId);
  const receipt = { way: 'card', date: dayIn(tx.clock.now(), timeZone), reference: charge.providerId ?? id } as const;
  for (const part of partsOf(charge)) {
    const paid = part.invoiceId === invoice._id ? invoice : await issuedInvoice(charge.accountId, part.invoiceId);
    await receive(tx, paid, { ...receipt, amount: fromDecimal128(part.amount) });
  }
}

function partsOf({ parts, invoiceId, amount }: ChargeDoc): readonly ChargePart[] {
  return parts && parts.length > 0 ? parts : [{ invoiceId, amount }];
}

/** The numbers of the invoices that a charge pays, in order. */
async function numbersOf(charge: ChargeDoc): Promise<string[]> {
  const numbers: string[] = [];
  for (const { invoiceId } of partsOf(charge)) numbers.push((await issuedInvoice(charge.accountId, invoiceId)).number);
  return numbers;
}

async function failed(
  tx: Change,
  invoice: IssuedInvoice,
  to: 'failed_credit_card_charge' | 'failed_no_credit_card',
  reason: string,
): Promise<void> {
  // an invoice that had already failed stays as it was: domain.md has no transition from one failure to the other
  const state = invoice.state === 'due' ? to : invoice.state;
  await step(tx, invoice, { state, failure: reason });
  const open = formatMoney(openAmount(balanceOf(invoice)), invoice.currency);
  await tx.record({
    accountId: invoice.accountId,
    type: 'payment_failed',
    description: `The charge of ${open} for invoice ${invoice.number} failed: ${reason}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId: invoice._id,
    before: { state: invoice.state },
    after: { state, reason },
  });
}

/** The current card of an invoice's group; undefined if there is no chargeable one. */
async function cardOf({ accountId, billingGroupId }: IssuedInvoice): Promise<PaymentMethodDoc | undefined> {
  const id = await methodIdOf(accountId, billingGroupId);
  if (!id) return undefined;
  const method = await methodById(accountId, id);
  return method?.method.kind === 'credit_card' && method.token !== null ? method : undefined;
}
