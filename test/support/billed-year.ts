import { Readable } from 'node:stream';
import { openAmount } from '../../src/billing/invoice/invoice-life.ts';
import { Decimal, formatMoney, toFixedMinor } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { setRate } from '../../src/services/costs/rates.ts';
import { payOutBalance } from '../../src/services/credits/balance-credits.ts';
import { createCampaign } from '../../src/services/credits/credit-campaigns.ts';
import { claimCredit } from '../../src/services/credits/credits.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { createAdjustment } from '../../src/services/invoicing/adjustments.ts';
import { createMemo, memoChoices } from '../../src/services/invoicing/credit-memos.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { askMove } from '../../src/services/moves/move-ask.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { balanceOf } from '../../src/services/settlement/invoice-balance.ts';
import { waiveInvoice, writeOffInvoice } from '../../src/services/settlement/invoice-life.ts';
import { recordPayment } from '../../src/services/settlement/payments.ts';
import { refundMade } from '../../src/services/settlement/refunds.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Credits } from '../../src/store/credits/credits.ts';
import { type InvoiceDoc, Invoices } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { Refunds } from '../../src/store/settlement/payments.ts';
import { anAccount } from './context.ts';
import {
  GROUPS,
  type PlannedGroup,
  type PlannedProject,
  type PlannedYear,
  PROJECTS,
  type Settlement,
  YEAR_MONTHS,
} from './generated-year.ts';
import { FOCUS_HEAD } from './invoices/invoices.ts';

/** The value of one US dollar in the invoice's currency. */
export const DOLLAR_RATES = { JPY: '151.23', EUR: '0.917431', BHD: '0.37609' } as const;

/** An account that goes through a planned year, using the services that people use. */
export interface YearWorld {
  readonly plan: PlannedYear;
  readonly accountId: string;
  readonly groups: Readonly<Record<PlannedGroup, string>>;
  readonly projects: Readonly<Record<PlannedProject, string>>;
  /** Which group held each project in each month so far. */
  readonly holders: Map<string, PlannedGroup>;
}

/** Sets up the account: group A has p1 and p2, a discount and a charge; group B has p3 and a commitment. */
export async function beginYear(ctx: Ctx, plan: PlannedYear): Promise<YearWorld> {
  const { currency, countryCode, timeZone } = plan.seller;
  const { _id: accountId } = await anAccount(ctx, { currency, timeZone });
  const approvalPolicy = { who: 'nobody', needed: 1 };
  const seller = { 'seller.countryCode': countryCode, 'seller.vatId': 'X1' };
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy, ...seller } });
  const a = (await createGroup(ctx, { accountId, name: 'A' }))._id;
  const b = (await createGroup(ctx, { accountId, name: 'B' }))._id;
  const project = async (name: PlannedProject, billingGroupId: string) =>
    (await createProject(ctx, { accountId, name, billingGroupId })).project._id;
  const projects = { p1: await project('p1', a), p2: await project('p2', a), p3: await project('p3', b) };
  const agreed = { accountId, from: YEAR_MONTHS[0] ?? '' };
  const { discount, charge, commitment } = plan;
  const ofA = { ...agreed, billingGroupId: a };
  await createAdjustment(ctx, { ...ofA, kind: 'discount', description: 'Partner', percentage: discount });
  await createAdjustment(ctx, {
    ...ofA,
    kind: 'charge',
    description: 'Support',
    amount: asTyped(charge),
    isMonthly: true,
  });
  await createAdjustment(ctx, {
    ...{ ...agreed, billingGroupId: b, kind: 'commitment', description: 'Minimum', amount: asTyped(commitment) },
  });
  return { plan, accountId, groups: { A: a, B: b }, projects, holders: new Map() };
}

/** Before the end of the month: a move, the month's costs and late ones, and new credits. */
export async function liveMonth(ctx: Ctx, world: YearWorld, at: number): Promise<void> {
  const { plan, accountId, groups, projects, holders } = world;
  const month = plan.months[at];
  if (!month) return;
  const before = (project: PlannedProject) => holders.get(`${project} ${at - 1}`) ?? (project === 'p3' ? 'B' : 'A');
  for (const project of PROJECTS) {
    const { moves } = month;
    const holder = moves?.project === project ? moves.to : before(project);
    holders.set(`${project} ${at}`, holder);
    if (holder === before(project)) continue;
    const move = { accountId, projectIds: [projects[project]], toGroupId: groups[holder], reason: 'As planned.' };
    await askMove(ctx, { ...move, effect: 'period_start' });
  }
  const rows = month.costs.map((cost, place) => {
    const day = `${YEAR_MONTHS[at - monthsLate(cost, at)]}-10`;
    const currency = cost.isForeign ? 'USD' : plan.seller.currency;
    return `b1,${currency},${cost.amount},Usage,${day},${day},Compute,${cost.project},cost ${at} ${place}`;
  });
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: `${YEAR_MONTHS[at]}.csv`, replace: false, open });
  for (const [place, credit] of month.credits.entries()) {
    const ownCode = `CODE-${at}-${place}`;
    const lastDay = `${YEAR_MONTHS[at]}-28`;
    await createCampaign(ctx, accountId, {
      ...{ name: ownCode, ownCode, codes: 1, claimsPerCode: 1, startDay: `${YEAR_MONTHS[at]}-01` },
      ...{
        type: credit.isPurchased ? 'purchase' : 'promotion',
        value: asTyped(credit.value),
        currency: plan.seller.currency,
      },
      endDay: credit.isShort && !credit.isPurchased ? lastDay : null,
    });
    await claimCredit(ctx, { accountId, code: ownCode, billingGroupId: groups[credit.group] });
  }
}

/** How late a planned cost actually is: the year has no month before its first. */
export function monthsLate({ monthsLate: planned }: { readonly monthsLate: number }, at: number): number {
  return Math.min(planned, at);
}

/** The rate on the day of issue. */
export async function quoteDollar(ctx: Ctx, { plan, accountId }: YearWorld): Promise<void> {
  const { currency } = plan.seller;
  await setRate(ctx, { accountId, base: 'USD', currency, rate: DOLLAR_RATES[currency] });
}

/** After the close: settles the month's invoices, balances, and the oldest paid invoice. */
export async function settleMonth(ctx: Ctx, world: YearWorld, at: number): Promise<void> {
  const { plan, accountId, groups } = world;
  const month = plan.months[at];
  if (!month) return;
  for (const group of GROUPS) {
    const invoice = await Invoices.findOne({ billingGroupId: groups[group], period: toPeriod(YEAR_MONTHS[at] ?? '') })
      .orFail()
      .lean();
    await settleInvoice(ctx, invoice, month.settle[group]);
  }
  if (month.paysOut) {
    const balances = await Credits.find({ accountId, balanceOf: { $exists: true } }).lean();
    const left = balances.filter(({ remaining }) => fromDecimal128(remaining).gt(0));
    for (const { balanceOf: invoiceId = '' } of left) await payOutBalance(ctx, { accountId, invoiceId });
  }
  if (month.creditsOldest) {
    const paid = { accountId, state: 'paid' as const, 'life.credited': { $exists: false } };
    const oldest = await Invoices.findOne(paid).sort({ period: 1, billingGroupId: 1 }).lean();
    if (oldest) await createMemo(ctx, { accountId, invoiceId: oldest._id, reason: 'Not as agreed' });
  }
  // a person sends refunds by bank transfer
  const open = await Refunds.find({ accountId, state: 'open', way: 'transfer' }).lean();
  for (const { _id } of open) await refundMade(ctx, accountId, _id);
}

async function settleInvoice(ctx: Ctx, invoice: InvoiceDoc, settlement: Settlement): Promise<void> {
  const of = { accountId: invoice.accountId, invoiceId: invoice._id };
  const open = openAmount(balanceOf(invoice));
  const reason = 'As planned';
  if (settlement === 'credit all' && !fromDecimal128(invoice.total).isZero()) await createMemo(ctx, { ...of, reason });
  if (settlement === 'credit a line') await creditALine(ctx, invoice, reason);
  if (!open.gt(0) || invoice.state !== 'mailed') return;
  if (settlement === 'waive') await waiveInvoice(ctx, { ...of, reason });
  if (settlement === 'write off') await writeOffInvoice(ctx, { ...of, reason });
  if (settlement === 'pay' || settlement === 'pay half') {
    const amount = toFixedMinor(settlement === 'pay' ? open : open.div(2), invoice.currency);
    const date = invoice.periodEnd.toISOString().slice(0, 10);
    if (Number(amount) > 0) await recordPayment(ctx, { ...of, amount: asTyped(amount), date, reference: 'transfer' });
  }
}

/** Credits a third of the largest line, if that much of the invoice is left. */
async function creditALine(ctx: Ctx, invoice: InvoiceDoc, reason: string): Promise<void> {
  const { accountId, _id: invoiceId, currency } = invoice;
  if (fromDecimal128(invoice.total).lte(0)) return;
  const { lines } = await memoChoices(ctx, accountId, invoiceId, 1);
  const [line] = lines;
  const most = Decimal.min(line?.left ?? 0, fromDecimal128(invoice.net)).div(3);
  const amount = toFixedMinor(most, currency);
  if (!line || Number(amount) <= 0) return;
  await createMemo(ctx, {
    accountId,
    invoiceId,
    reason: `${reason}: ${formatMoney(most, currency)}`,
    amounts: { [line.place]: asTyped(amount) },
  });
}

/** Three decimals alone could also be thousands. A leading zero makes them unambiguous. */
function asTyped(digits: string): string {
  return /\.\d{3}$/.test(digits) ? `0${digits}` : digits;
}
