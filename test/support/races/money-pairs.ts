import { createCampaign, endCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { claimCredit, expireCredits } from '../../../src/services/credits/credits.ts';
import { deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createMemo } from '../../../src/services/invoicing/credit-memos.ts';
import { chargeDue } from '../../../src/services/settlement/charges.ts';
import { requestBankTransfer, waiveInvoice, writeOffInvoice } from '../../../src/services/settlement/invoice-life.ts';
import { setMethod } from '../../../src/services/settlement/payment-methods.ts';
import { reversePayment } from '../../../src/services/settlement/payment-reversal.ts';
import { type NewPayment, recordPayment } from '../../../src/services/settlement/payments.ts';
import { refundDue } from '../../../src/services/settlement/refunds.ts';
import { Consumptions, Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { contextAt, person } from '../context.ts';
import { creditFor } from '../invoices/credits.ts';
import { type Given, type Pair, pair } from './pair.ts';
import { issuedWorld, OCTOBER, openWorld, type RaceWorld } from './race-world.ts';

type Issued = Awaited<ReturnType<typeof issuedWorld>>;
const byCard = (given: Given) => issuedWorld(given, { byCard: true });
const byTransfer = (given: Given) => issuedWorld(given);
const memo =
  ({ ctx, accountId, invoiceId }: Issued) =>
  () =>
    createMemo(ctx, { accountId, invoiceId, reason: 'Wrong' });
const charge =
  ({ ctx, cards }: RaceWorld) =>
  () =>
    chargeDue(ctx, cards);
const pay =
  ({ ctx, accountId, invoiceId }: Issued, over: Partial<NewPayment> = {}) =>
  () =>
    recordPayment(ctx, { accountId, invoiceId, amount: '119', date: '2026-11-02', reference: 'A', ...over });

/** An account with a code worth EUR 30. */
async function withCode(given: Given): Promise<RaceWorld & { readonly code: string; readonly campaignId: string }> {
  const world = await openWorld(given);
  const { codes, campaign } = await createCampaign(contextAt(given.clock, person('U_OWNER')), world.accountId, {
    ...{ name: 'Spring', type: 'purchase', value: '30', currency: 'EUR' },
    ...{ startDay: null, endDay: null, claimsPerCode: 1, codes: 1, ownCode: null },
  });
  return { ...world, code: codes[0] ?? '', campaignId: campaign.id };
}

type Coded = Awaited<ReturnType<typeof withCode>>;

/** An account whose group has a credit of EUR 30 that ended with October. */
async function withEnding(given: Given): Promise<RaceWorld> {
  const world = await openWorld(given);
  const expireTime = new Date('2026-11-01T00:00:00Z');
  await creditFor({ _id: world.groupId, accountId: world.accountId }, '30', { expireTime });
  return world;
}

/** Credits that are used pay an invoice, and what is lost is told once. */
async function creditFaults({ accountId }: RaceWorld): Promise<string[]> {
  const faults: string[] = [];
  for (const { _id, state } of await Credits.find({ accountId }).lean()) {
    const told = await Events.countDocuments({ accountId, type: 'credit_expired', 'after.creditId': _id });
    if (told > 1) faults.push(`${_id} is ${state}, and its end was told ${told} times`);
    for (const { invoiceId } of await Consumptions.find({ creditId: _id }).lean()) {
      if (!(await Invoices.exists({ _id: invoiceId }))) faults.push(`${_id} pays an invoice that isn’t there`);
    }
  }
  return faults;
}

export const MONEY_PAIRS: Readonly<Record<string, Pair>> = {
  'a charge and a credit memo': pair({ world: byCard, works: (of: Issued) => [charge(of), memo(of)] }),
  'two charges': pair({ world: byCard, works: (of: Issued) => [charge(of), charge(of)] }),
  'a charge and a recorded payment': pair({ world: byCard, works: (of: Issued) => [charge(of), pay(of)] }),
  'a charge and a waiver': pair({
    world: byCard,
    works: (of: Issued) => [charge(of), () => waiveInvoice(of.ctx, { ...of, reason: 'Goodwill' })],
  }),
  'a charge and a request for a bank transfer': pair({
    world: byCard,
    works: (of: Issued) => [charge(of), () => requestBankTransfer(of.ctx, of)],
  }),
  'a charge and the removal of its card': pair({
    world: byCard,
    works: (of: Issued) => [
      charge(of),
      () => setMethod(of.ctx, { accountId: of.accountId, billingGroupId: of.groupId, paymentMethodId: null }),
    ],
  }),
  'a payment and the reversal of another': pair({
    world: byTransfer,
    async works(of: Issued) {
      const { paymentId } = await pay(of)();
      return [() => reversePayment(of.ctx, of.accountId, paymentId), pay(of, { reference: 'B' })];
    },
  }),
  'two reversals': pair({
    world: byTransfer,
    async works(of: Issued) {
      const { paymentId } = await pay(of)();
      const reverse = () => reversePayment(of.ctx, of.accountId, paymentId);
      return [reverse, reverse];
    },
  }),
  'two payments': pair({ world: byTransfer, works: (of: Issued) => [pay(of), pay(of, { reference: 'B' })] }),
  'the same payment twice': pair({ world: byTransfer, works: (of: Issued) => [pay(of), pay(of)] }),
  'a payment and a credit memo': pair({ world: byTransfer, works: (of: Issued) => [pay(of), memo(of)] }),
  'a payment and a write-off': pair({
    world: byTransfer,
    works: (of: Issued) => [pay(of), () => writeOffInvoice(of.ctx, { ...of, reason: 'Bankrupt' })],
  }),
  'a reversal and a credit memo': pair({
    world: byTransfer,
    async works(of: Issued) {
      const { paymentId } = await pay(of)();
      return [() => reversePayment(of.ctx, of.accountId, paymentId), memo(of)];
    },
  }),
  'two credit memos': pair({ world: byTransfer, works: (of: Issued) => [memo(of), memo(of)] }),
  'a refund, twice': pair({
    world: byCard,
    async works(of: Issued) {
      await charge(of)();
      await memo(of)();
      const refund = () => refundDue(of.ctx, of.cards);
      return [refund, refund];
    },
  }),
  'the claim of a credit and the end of its campaign': pair({
    world: withCode,
    works: ({ ctx, accountId, groupId: billingGroupId, code, campaignId }: Coded) => [
      () => claimCredit(ctx, { accountId, billingGroupId, code }),
      () => endCampaign(ctx, accountId, campaignId),
    ],
    faults: creditFaults,
  }),
  'two claims of one credit': pair({
    world: withCode,
    works: ({ ctx, accountId, groupId, otherId, code }: Coded) => [
      () => claimCredit(ctx, { accountId, billingGroupId: groupId, code }),
      () => claimCredit(ctx, { accountId, billingGroupId: otherId, code }),
    ],
    outcomes: ['done, credit_code_used', 'credit_code_used, done'],
    faults: creditFaults,
  }),
  'the claim of a credit and a close': pair({
    world: withCode,
    works: ({ ctx, accountId, groupId, code }: Coded) => [
      () => claimCredit(ctx, { accountId, billingGroupId: groupId, code }),
      () => closeInvoice(ctx, { _id: groupId, accountId }, OCTOBER),
    ],
    faults: creditFaults,
  }),
  'the claim of a credit and the deletion of its group': pair({
    world: withCode,
    works: ({ ctx, accountId, otherId: billingGroupId, code }: Coded) => [
      () => claimCredit(ctx, { accountId, billingGroupId, code }),
      () => deleteGroup(ctx, { accountId, billingGroupId }),
    ],
    faults: creditFaults,
  }),
  'the end of a credit and a close that uses it': pair({
    world: withEnding,
    works: ({ ctx, accountId, groupId }) => [
      () => expireCredits(ctx),
      () => closeInvoice(ctx, { _id: groupId, accountId }, OCTOBER),
    ],
    faults: creditFaults,
  }),
};
