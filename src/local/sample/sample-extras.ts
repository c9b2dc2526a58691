import { DateTime } from 'luxon';
import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { balanceOf } from '../../services/settlement/invoice-balance.ts';
import { setBudget } from '../../services/budgets/budgets.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { createCampaign, type NewCampaign } from '../../services/credits/credit-campaigns.ts';
import { claimCredit } from '../../services/credits/credits.ts';
import { askMove } from '../../services/moves/move-ask.ts';
import { recordPayment } from '../../services/settlement/payments.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type GroupDoc, Groups, Memberships } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { PEOPLE, TEAM } from '../seed.ts';

interface SampleCredit extends Pick<NewCampaign, 'name' | 'type' | 'value'> {
  readonly code: string;
  readonly months: number;
}

const DAY = 'yyyy-MM-dd';

/** From the start. */
export const WELCOME: SampleCredit = {
  name: 'Welcome',
  type: 'promotion',
  value: '400.00',
  code: 'WELCOME-400',
  months: 12,
};
/** A recent one. */
export const OUTAGE: SampleCredit = {
  name: 'Outage in October',
  type: 'outage',
  value: '150.00',
  code: 'SORRY-150',
  months: 6,
};

/** A campaign with one code, claimed for the production group. */
export async function addCredit(ctx: Ctx, account: AccountDoc, credit: SampleCredit): Promise<void> {
  const { _id: accountId, currency, timeZone } = account;
  const { code, months, ...campaign } = credit;
  const today = DateTime.fromJSDate(ctx.clock.now(), { zone: timeZone });
  await createCampaign(ctx, accountId, {
    ...campaign,
    currency,
    startDay: today.toFormat(DAY),
    endDay: today.plus({ months }).toFormat(DAY),
    claimsPerCode: 1,
    codes: 1,
    ownCode: code,
  });
  const production = await groupFor(accountId, 'prod');
  await claimCredit(ctx, { accountId, code, billingGroupId: production._id });
}

/** Pays all open invoices by bank transfer, except production's if those are to be forgotten. */
export async function payInvoices(ctx: Ctx, account: AccountDoc, forgetProduction: boolean): Promise<void> {
  const { _id: accountId, timeZone } = account;
  const production = forgetProduction ? (await groupFor(accountId, 'prod'))._id : null;
  const date = DateTime.fromJSDate(ctx.clock.now(), { zone: timeZone }).toFormat(DAY);
  for (const invoice of await Invoices.find({ accountId, state: 'mailed' }).sort({ seq: 1 }).lean()) {
    if (invoice.billingGroupId === production) continue;
    const amount = openAmount(balanceOf(invoice)).toFixed();
    const reference = `Invoice ${invoice.number}`;
    await recordPayment(ctx, { accountId, invoiceId: invoice._id, amount, date, reference });
  }
}

/** Production has spent most of its budget, development all of it. */
export async function setBudgets(ctx: Ctx, accountId: string): Promise<void> {
  const of = async (environment: string) => (await groupFor(accountId, environment))._id;
  await setBudget(ctx, { accountId, billingGroupId: await of('prod'), amount: '6000.00' });
  await setBudget(ctx, { accountId, billingGroupId: await of('dev'), amount: '100.00', thresholds: [80, 100] });
}

/** Requests a project move that nobody has decided yet. */
export async function requestMove(ctx: Ctx, accountId: string): Promise<void> {
  const development = await groupFor(accountId, 'dev');
  const { projectId } = await Memberships.findOne({ accountId, billingGroupId: development._id, to: null })
    .orFail()
    .lean();
  await askMove(
    { ...ctx, actor: { kind: 'person', teamId: TEAM.id, userId: PEOPLE.member.id } },
    {
      accountId,
      projectIds: [projectId],
      toGroupId: (await groupFor(accountId, 'prod'))._id,
      effect: 'period_start',
      reason: 'Went live this month',
    },
  );
}

async function groupFor(accountId: string, environment: string): Promise<GroupDoc> {
  return Groups.findOne({ accountId, environment }).orFail().lean();
}
