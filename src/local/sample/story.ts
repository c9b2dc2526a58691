import { openAmount } from '../../billing/invoice/invoice-life.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import { type Period, periodAt, shiftPeriod } from '../../billing/period/period.ts';
import { updateSettings } from '../../services/accounts/settings.ts';
import { setRate } from '../../services/costs/rates.ts';
import { checkVatIds } from '../../services/groups/billing-information.ts';
import { createAdjustment } from '../../services/invoicing/adjustments.ts';
import { createMemo } from '../../services/invoicing/credit-memos.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { askMove } from '../../services/moves/move-ask.ts';
import { approveMove } from '../../services/moves/move-decide.ts';
import { subscribe } from '../../services/notices/subscriptions.ts';
import { balanceOf } from '../../services/settlement/invoice-balance.ts';
import { recordPayment } from '../../services/settlement/payments.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { Projects } from '../../store/groups/groups.ts';
import { linesIn } from '../../store/invoicing/current-lines.ts';
import { linesOf } from '../../store/invoicing/invoice-lines.ts';
import { type InvoiceDoc, Invoices } from '../../store/invoicing/invoices.ts';
import { CHANNELS, PEOPLE } from '../seed.ts';
import { ACME, GROUP } from './acme.ts';
import { as, groupIdOf } from './acting.ts';
import { addCredits } from './credits.ts';

// in months before the current one
/** Whose invoice for the data company is corrected with a credit memo. */
const CORRECTED = 4;
/** Whose invoice for the American customer is paid in part. */
const PAID_IN_PART = 3;
/** Whose invoice for the Swedish customer isn't paid. */
const FORGOTTEN = 2;
/** With which the data company’s commitment to a minimum begins, which it misses at first. */
const COMMITTED = 6;
/** At whose end a project moves. */
const MOVED = 5;
/** At whose end people subscribe to cost digests. */
const SUBSCRIBED = 2;
/** The direct message channel of a person with the app. */
export type DirectMessages = (userId: string) => string;

/** Euros to US dollars, repeating after the last. */
const RATES = ['1.0842', '1.0795', '1.0921', '1.1013', '1.0967', '1.0888'] as const;

/** The seller, its agreements with customers, and where approvals are asked for. */
export async function beginAcme(ctx: Ctx, account: AccountDoc): Promise<void> {
  const { _id: accountId } = account;
  await updateSettings(as(ctx, 'owner'), accountId, {
    settings: {
      legalName: 'Acme Cloud Services GmbH',
      addressLines: ['Torstraße 201'],
      ...{ zipCode: '10115', city: 'Berlin', countryCode: 'DE', vatId: 'DE281044733' },
      ...{ iban: 'DE03100500000247931806', bankName: 'Musterbank Berlin' },
      ...{ email: 'billing@acme.example', contactName: 'Finn Keller', phone: '+49 30 5550140' },
      approvalsChannelId: CHANNELS.approvals.id,
    },
  });
  // local mode asks no tax office
  await checkVatIds(ctx, { check: async () => 'valid' });
  const agreement = async (group: string, terms: { description: string; percentage?: string; amount?: string }) => ({
    ...{ accountId, billingGroupId: await groupIdOf(accountId, group), ...terms },
  });
  const finance = as(ctx, 'finance');
  const partner = await agreement(GROUP.sweden, { description: 'Partner discount', percentage: '5' });
  await createAdjustment(finance, { kind: 'discount', ...partner });
  const support = await agreement(GROUP.sweden, { description: 'Managed support', amount: '250.00' });
  await createAdjustment(finance, { kind: 'charge', isMonthly: true, ...support });
  const minimum = await agreement(GROUP.data, { description: 'Annual commitment', amount: '2450.00' });
  const from = shiftPeriod(periodAt(ctx.clock.now(), account.timeZone), ACME.since - COMMITTED);
  await createAdjustment(finance, { kind: 'commitment', from, ...minimum });
}

/** What happens in a month of the main account, before it is closed. */
export async function continueAcme(
  ctx: Ctx,
  account: AccountDoc,
  { ago, directMessages }: { readonly ago: number; readonly directMessages: DirectMessages },
): Promise<void> {
  const { _id: accountId } = account;
  await addCredits(ctx, account, ago);
  await setRate(as(ctx, 'finance'), { accountId, currency: 'USD', rate: RATES[ago % RATES.length] ?? '1.1' });
  if (ago === MOVED) await moveEventStream(ctx, accountId);
  if (ago === SUBSCRIBED) await subscribeToDigests(ctx, accountId, directMessages);
}

/**
 * Corrects and pays invoices by bank transfer, all but three: one is paid in part, one is forgotten, and one has a
 * credit memo first.
 *
 * @param present the current month
 */
export async function settleInvoices(ctx: Ctx, account: AccountDoc, present: Period): Promise<void> {
  const { _id: accountId } = account;
  for (const invoice of await Invoices.find({ accountId, state: 'mailed' }).sort({ seq: 1 }).lean()) {
    const isOf = async (group: string, ago: number) =>
      invoice.period === shiftPeriod(present, -ago) && invoice.billingGroupId === (await groupIdOf(accountId, group));
    const open = openAmount(balanceOf(invoice));
    if (account.name !== ACME.name) await pay(ctx, account, invoice, open);
    else if (await isOf(GROUP.sweden, FORGOTTEN)) continue;
    else if (await isOf(GROUP.usa, PAID_IN_PART)) {
      if (!invoice.life?.paid) await pay(ctx, account, invoice, open.div(2).toDecimalPlaces(2));
    } else {
      const isWrong = await isOf(GROUP.data, CORRECTED);
      if (isWrong) await correct(ctx, invoice);
      await pay(ctx, account, invoice, isWrong ? await stillOpen(invoice) : open);
    }
  }
}

async function pay(ctx: Ctx, account: AccountDoc, invoice: InvoiceDoc, amount: Decimal): Promise<void> {
  const { _id: accountId, timeZone } = account;
  const date = dayIn(ctx.clock.now(), timeZone);
  const reference = `Invoice ${invoice.number}`;
  await recordPayment(as(ctx, 'finance'), {
    ...{ accountId, invoiceId: invoice._id, amount: amount.toFixed(), date, reference },
  });
}

/** A credit memo for a part of one line. */
async function correct(ctx: Ctx, invoice: InvoiceDoc): Promise<void> {
  const { _id: invoiceId, accountId } = invoice;
  const line = (await linesOf(linesIn(invoice))).find(({ projectName }) => projectName === 'dashboards');
  if (!line) return;
  const reason = 'Dashboards was switched off for a week.';
  await createMemo(as(ctx, 'finance'), { accountId, invoiceId, reason, amounts: { [line.place]: '72.50' } });
}

async function stillOpen({ _id }: InvoiceDoc): Promise<Decimal> {
  return openAmount(balanceOf(await Invoices.findById(_id).orFail().lean()));
}

/** A team takes a project over, with the approval of the group that it joins. */
async function moveEventStream(ctx: Ctx, accountId: string): Promise<void> {
  const { _id: projectId } = await Projects.findOne({ accountId, name: 'event-stream' }).orFail().lean();
  const asked = await askMove(as(ctx, 'dataLead'), {
    accountId,
    projectIds: [projectId],
    toGroupId: await groupIdOf(accountId, GROUP.data),
    effect: 'period_start',
    reason: 'The data team has taken it over.',
  });
  if (asked.kind === 'requested') await approveMove(as(ctx, 'approver'), { accountId, requestId: asked.request._id });
}

/** A digest of all costs for finance, one of production for its engineers, and one for each lead who asked for it. */
async function subscribeToDigests(ctx: Ctx, accountId: string, directMessages: DirectMessages): Promise<void> {
  await subscribe(as(ctx, 'finance'), accountId, {
    channelId: CHANNELS.finance.id,
    isPersonal: false,
    digest: 'monthly',
  });
  await subscribe(as(ctx, 'finance'), accountId, {
    channelId: CHANNELS.platform.id,
    isPersonal: false,
    digest: 'weekly',
    groupIds: [await groupIdOf(accountId, GROUP.production)],
  });
  await subscribe(as(ctx, 'member'), accountId, {
    channelId: directMessages(PEOPLE.member.id),
    isPersonal: true,
    isAboutLed: true,
    digest: 'weekly',
  });
}
