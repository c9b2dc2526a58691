import { sum } from '../../../src/billing/money/money.ts';
import { periodAt } from '../../../src/billing/period/period.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { finishMemos } from '../../../src/services/invoicing/credit-memos.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { chargeDue } from '../../../src/services/settlement/charges.ts';
import { refundDue } from '../../../src/services/settlement/refunds.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { Groups, Memberships } from '../../../src/store/groups/groups.ts';
import { CreditMemos } from '../../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { Payments, Refunds } from '../../../src/store/settlement/payments.ts';
import { INVARIANTS } from '../../chaos/product/invariants.ts';
import { OCTOBER, type RaceWorld } from './race-world.ts';

/** The guarantees of the chaos run that hold at any time, whatever became of the two. */
const ALWAYS = [
  'numbers are unique and gapless',
  'the log’s chain is whole',
  'a project is in one group at every instant',
  'one decision of each move, and one set of events',
  'every cost on exactly one invoice, no cent lost',
  'lines add up to the net, and net and tax to the total',
  'a code is claimed once',
  'credits are consumed once and never negative',
  'a card is charged once',
  'an owner stays',
] as const;

/** Does what the jobs would do afterwards. */
export async function settle({ ctx, cards, accountId }: RaceWorld): Promise<void> {
  for (const { _id } of await Groups.find({ accountId, state: 'active' }).lean()) {
    await closeInvoice(ctx, { _id, accountId }, OCTOBER).catch(() => undefined);
  }
  await finishMemos(ctx);
  await chargeDue(ctx, cards);
  await refundDue(ctx, cards);
  await refreshEstimates(ctx);
  await numberEvents(ctx);
}

/** What is wrong with an account, in words. */
export async function faultsOf(world: RaceWorld): Promise<string[]> {
  const { accountId, stripe } = world;
  const account = { id: accountId, isPoisoned: false };
  const faults: string[] = [];
  for (const name of ALWAYS) {
    // only the ID and the card server are used by these
    const found = await INVARIANTS[name]?.(account as never, { stripe } as never);
    faults.push(...(found?.faults ?? []).map((fault) => `${name}: ${fault}`));
  }
  return [
    ...faults,
    ...(await groupFaults(accountId)),
    ...(await moneyFaults(accountId)),
    ...(await zoneFaults(world)),
  ];
}

async function groupFaults(accountId: string): Promise<string[]> {
  const faults: string[] = [];
  const groups = await Groups.find({ accountId }).lean();
  const active = groups.filter(({ state }) => state === 'active');
  const { primaryBillingGroupId } = await Accounts.findById(accountId).orFail().lean();
  if (!active.some(({ _id }) => _id === primaryBillingGroupId)) faults.push('the primary group isn’t active');
  if (new Set(active.map(({ nameKey }) => nameKey)).size !== active.length) faults.push('two groups have one name');
  for (const { billingGroupId, projectKey } of await Memberships.find({ accountId, open: true }).lean()) {
    if (!active.some(({ _id }) => _id === billingGroupId)) faults.push(`${projectKey} is in a deleted group`);
  }
  return faults;
}

/** What was kept of an invoice, and credited, is never more than its amount; what is paid was paid exactly. */
async function moneyFaults(accountId: string): Promise<string[]> {
  const total = (amounts: readonly Decimal128[]) => sum(amounts.map(fromDecimal128));
  const faults: string[] = [];
  for (const invoice of await Invoices.find({ accountId, number: { $exists: true } }).lean()) {
    const of = { invoiceId: invoice._id };
    const payments = await Payments.find({ ...of, reversedAt: { $exists: false } }).lean();
    const refunds = await Refunds.find(of).lean();
    const memos = await CreditMemos.find({ ...of, state: { $ne: 'draft' } }).lean();
    const kept = total(payments.map(({ amount }) => amount)).minus(total(refunds.map(({ amount }) => amount)));
    const settled = kept.plus(total(memos.map((memo) => memo.total)));
    const due = fromDecimal128(invoice.amountDue);
    const isSound = invoice.state === 'paid' ? settled.equals(due) : settled.lessThanOrEqualTo(due);
    if (!isSound) faults.push(`${invoice.number} is ${invoice.state}: ${settled} of ${due} are settled`);
    if (refunds.some(({ state }) => state === 'failed')) faults.push(`a refund of ${invoice.number} failed`);
    if (await CreditMemos.exists({ ...of, state: 'draft' })) faults.push(`a memo of ${invoice.number} is a draft`);
  }
  return faults;
}

/** Costs that aren’t late are booked to the month of their beginning in the account’s time zone. */
async function zoneFaults({ accountId }: RaceWorld): Promise<string[]> {
  const { timeZone } = await Accounts.findById(accountId).orFail().lean();
  const costs = await Costs.find({ accountId, late: { $ne: true }, ...(await countingRecords(accountId)) }).lean();
  const wrong = costs.filter(({ begin, period }) => periodAt(begin, timeZone) !== period);
  return wrong.map(({ begin, period }) => `a cost of ${begin.toISOString()} is booked to ${period} in ${timeZone}`);
}
