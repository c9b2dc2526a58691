import { CHARGEABLE_STATES, openAmount } from '../billing/invoice-life.ts';
import { formatMoney } from '../billing/money.ts';
import { Refusal } from '../billing/refusal.ts';
import { Accounts } from '../store/accounts.ts';
import { fromDecimal128, toDecimal128 } from '../store/decimal.ts';
import { Groups } from '../store/groups.ts';
import { type InvoiceDoc, Invoices } from '../store/invoices.ts';
import { claimLease, freeLease } from '../store/leases.ts';
import { type PaymentMethodDoc, PaymentMethods } from '../store/payment-methods.ts';
import { type ChargeDoc, Charges } from '../store/payments.ts';
import { inTransaction } from '../store/transaction.ts';
import { balanceOf, type IssuedInvoice, issuedInvoice, step } from './balance.ts';
import { type CardProvider, type ChargeOutcome, ProviderRefusal } from './card-provider.ts';
import { inChange } from './change.ts';
import { actorName, type Ctx } from './context.ts';
import { eachOfAll, eachStep, type Loop } from './each-of-all.ts';
import { dayIn } from './invoice-terms.ts';
import { record } from './log.ts';
import { receive } from './payments.ts';

const BATCH = 100;
/** Longer than the provider is given for its answers. */
const LEASE_MS = 120_000;
const BEGINNING: Loop<Pick<InvoiceDoc, '_id' | 'accountId' | 'billingGroupId'>> = {
  kind: 'charge-begin',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId, invoiceId: id }),
  what: 'prepare the credit card charge',
  most: BATCH,
};
const CHARGING: Loop<ChargeDoc> = {
  kind: 'charge',
  name: ({ _id: id, accountId, invoiceId }) => ({ id, accountId, invoiceId }),
  what: 'reach the card provider to charge an invoice',
  most: BATCH,
  atOnce: 4,
};
const NO_CARD = 'The billing group has no credit card.';

/**
 * Charges what is due by card. A charge is written down before the provider hears of it, and the provider's own payment
 * is made before it is charged: whatever process dies, the next one finds out what became of that very payment, so that
 * a card is charged once.
 *
 * @returns how many charges came to an end
 */
export async function chargeDue(ctx: Ctx, provider: CardProvider): Promise<number> {
  let [begun, ended] = [0, 0];
  const due = Invoices.find({ state: 'due' }, { accountId: 1, billingGroupId: 1 }).lean();
  const open = Charges.find({ state: 'open' }).sort({ askedAt: 1 }).lean();
  try {
    await eachStep(ctx, {
      begin: () =>
        eachOfAll(ctx, BEGINNING, due.cursor(), async ({ _id, accountId }) => {
          begun += (await inTransaction(() => begin(ctx, accountId, _id))) ? 1 : 0;
        }),
      charge: () =>
        eachOfAll(ctx, CHARGING, open.cursor(), async (charge) => {
          ended += (await tryCharge(ctx, provider, charge)) ? 1 : 0;
        }),
    });
  } finally {
    if (begun > 0 || ended > 0) ctx.nudge('number-events');
  }
  return ended;
}

/**
 * Charges an invoice once more, to the card that its group has now. Safe to repeat: one charge at a time.
 *
 * @returns its number
 * @throws {Refusal} `wrong_state`, `being_charged`, `no_card` with what to do, `invoice_not_found`, `role_needed`
 */
export async function chargeAgain(
  ctx: Ctx,
  { accountId, invoiceId }: { readonly accountId: string; readonly invoiceId: string },
): Promise<string> {
  const number = await inChange(ctx, accountId, 'issue', async () => {
    const invoice = await issuedInvoice(accountId, invoiceId);
    if (!CHARGEABLE_STATES.some((state) => state === invoice.state)) {
      const state = invoice.state.replaceAll('_', ' ');
      throw new Refusal('wrong_state', `Invoice ${invoice.number} is ${state}, so it can’t be charged to a card.`);
    }
    if (!(await cardOf(invoice))) {
      throw new Refusal('no_card', NO_CARD, {
        wayOut: 'Choose one under Billing in the group’s view, then try again.',
      });
    }
    if (!(await begin(ctx, accountId, invoiceId))) {
      throw new Refusal('being_charged', `Invoice ${invoice.number} is being charged to a card right now.`);
    }
    return invoice.number;
  });
  ctx.nudge('charges');
  ctx.nudge('number-events');
  return number;
}

/** Finds out what became of a payment that the provider told something about. Nothing happens for one that is not ours. */
export async function heardOf(ctx: Ctx, provider: CardProvider, providerId: string): Promise<void> {
  const charge = await Charges.findOne({ providerId, state: 'open' }).lean();
  if (charge && (await tryCharge(ctx, provider, charge))) ctx.nudge('number-events');
}

/** Writes a charge down; an invoice without a card has failed. In a transaction. @returns whether a charge was begun */
async function begin(ctx: Ctx, accountId: string, invoiceId: string): Promise<boolean> {
  const invoice = await issuedInvoice(accountId, invoiceId);
  const open = openAmount(balanceOf(invoice));
  if (!CHARGEABLE_STATES.some((state) => state === invoice.state) || open.isZero()) return false;
  if (await Charges.exists({ invoiceId, state: 'open' })) return false;
  const card = await cardOf(invoice);
  if (!card) {
    if (invoice.state === 'due') await failed(ctx, invoice, 'failed_no_credit_card', NO_CARD);
    return false;
  }
  const number = (await Charges.countDocuments({ invoiceId })) + 1;
  await Charges.create([
    {
      _id: `${invoiceId}:${number}`,
      ...{ accountId, invoiceId, number, currency: invoice.currency, paymentMethodId: card._id },
      amount: toDecimal128(open),
      state: 'open',
      askedBy: actorName(ctx.actor),
      askedAt: ctx.clock.now(),
    },
  ]);
  // whatever else changes what is open meets this
  await step(invoice, {});
  return true;
}

async function tryCharge(ctx: Ctx, provider: CardProvider, { _id }: ChargeDoc): Promise<boolean> {
  const lease = await claimLease(`charge:${_id}`, LEASE_MS);
  if (!lease) return false;
  try {
    const charge = await Charges.findOne({ _id, state: 'open' }).lean();
    if (!charge) return false;
    const outcome = await outcomeOf(provider, charge);
    if (outcome.state === 'open') return false;
    await inTransaction(() => finish(ctx, _id, outcome));
    return true;
  } finally {
    await freeLease(lease);
  }
}

/** Asks the provider for what became of a charge, and for the charge itself where nothing did yet. */
async function outcomeOf(provider: CardProvider, charge: ChargeDoc): Promise<ChargeOutcome> {
  const { _id, accountId, invoiceId, currency } = charge;
  const card = await PaymentMethods.findOne({ _id: charge.paymentMethodId, accountId }).lean();
  try {
    if (charge.providerId !== null) return await provider.charge(charge.providerId);
    if (card?.token == null) return { state: 'failed', reason: NO_CARD };
    const invoice = await issuedInvoice(accountId, invoiceId);
    const providerId = await provider.prepare({
      ...{ key: _id, accountId, invoiceId, currency, token: card.token },
      amount: fromDecimal128(charge.amount),
      description: `Invoice ${invoice.number}`,
    });
    await Charges.updateOne({ _id, providerId: null }, { $set: { providerId } });
    return await provider.charge(providerId);
  } catch (error) {
    if (error instanceof ProviderRefusal) return { state: 'failed', reason: error.message };
    throw error;
  }
}

async function finish(ctx: Ctx, id: string, outcome: Exclude<ChargeOutcome, { state: 'open' }>): Promise<void> {
  const charge = await Charges.findById(id).orFail().lean();
  if (charge.state !== 'open') return;
  const invoice = await issuedInvoice(charge.accountId, charge.invoiceId);
  const ended = { state: outcome.state, endedAt: ctx.clock.now() };
  if (outcome.state === 'failed') {
    await Charges.updateOne({ _id: id }, { $set: { ...ended, failure: outcome.reason } });
    await failed(ctx, invoice, 'failed_credit_card_charge', outcome.reason);
    return;
  }
  await Charges.updateOne({ _id: id }, { $set: ended });
  const { timeZone } = await Accounts.findById(charge.accountId).orFail().lean();
  await receive(ctx, invoice, {
    way: 'card',
    amount: fromDecimal128(charge.amount),
    date: dayIn(ctx.clock.now(), timeZone),
    reference: charge.providerId ?? id,
  });
}

async function failed(
  ctx: Ctx,
  invoice: IssuedInvoice,
  to: 'failed_credit_card_charge' | 'failed_no_credit_card',
  reason: string,
): Promise<void> {
  // one that had failed before stays as it was: domain.md knows no way from one failure to the other
  const state = invoice.state === 'due' ? to : invoice.state;
  await step(invoice, { state, failure: reason });
  const open = formatMoney(openAmount(balanceOf(invoice)), invoice.currency);
  await record(ctx, {
    accountId: invoice.accountId,
    type: 'payment_failed',
    description: `Could not charge ${open} for invoice ${invoice.number}: ${reason}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId: invoice._id,
    before: { state: invoice.state },
    after: { state, reason },
  });
}

/** The card that an invoice's group has now; undefined for none that could be charged. */
async function cardOf({ billingGroupId }: IssuedInvoice): Promise<PaymentMethodDoc | undefined> {
  const group = await Groups.findById(billingGroupId, { paymentMethodId: 1 }).lean();
  if (!group?.paymentMethodId) return undefined;
  const method = await PaymentMethods.findById(group.paymentMethodId).lean();
  return method?.method.kind === 'credit_card' && method.token !== null ? method : undefined;
}
