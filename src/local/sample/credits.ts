import { DateTime } from 'luxon';
import type { CreditType } from '../../billing/credit/credit.ts';
import { createCampaign } from '../../services/credits/credit-campaigns.ts';
import { claimCredit } from '../../services/credits/credits.ts';
import type { Ctx } from '../../services/kit/context.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { GROUP } from './acme.ts';
import { as, groupIdOf } from './acting.ts';

interface SampleCredit {
  readonly name: string;
  readonly type: CreditType;
  readonly value: string;
  readonly code: string;
  readonly group: string;
  /** How many months before the current one it is claimed, and how long it is valid from then on. */
  readonly ago: number;
  readonly months: number;
  /** ISO 4217; the account's by default. */
  readonly currency?: string;
}

const DAY = 'yyyy-MM-dd';

/** One of each type. */
const CREDITS: readonly SampleCredit[] = [
  { ...worth('Welcome', 'promotion', '400.00', 'WELCOME-400'), group: GROUP.production, ago: 12, months: 18 },
  { ...worth('Cloud partner funding', 'partner', '900.00', 'PARTNER-900'), group: GROUP.data, ago: 11, months: 12 },
  { ...worth('Warehouse evaluation', 'evaluation', '150.00', 'EVAL-WAREHOUSE'), group: GROUP.data, ago: 10, months: 2 },
  { ...worth('Hackathon', 'employee', '75.00', 'HACK-WEEK'), group: GROUP.development, ago: 9, months: 6 },
  { ...worth('Referral of a customer', 'referral', '120.00', 'REFER-SE'), group: GROUP.sweden, ago: 8, months: 12 },
  {
    ...worth('Conference sponsorship', 'sponsorship', '250.00', 'NORDIC-DAYS'),
    group: GROUP.sweden,
    ago: 7,
    months: 6,
  },
  {
    ...worth('Trial of the store', 'trial', '200.00', 'TRIAL-STORE'),
    group: GROUP.usa,
    ago: 7,
    months: 3,
    currency: 'USD',
  },
  {
    ...worth('Rest of the trial', 'trial_over', '60.00', 'TRIAL-REST'),
    group: GROUP.usa,
    ago: 4,
    months: 12,
    currency: 'USD',
  },
  {
    ...worth('From the marketing budget', 'internal', '300.00', 'MARKETING-300'),
    group: GROUP.production,
    ago: 5,
    months: 12,
  },
  { ...worth('Outage in Frankfurt', 'outage', '180.00', 'SORRY-180'), group: GROUP.production, ago: 4, months: 6 },
  { ...worth('Goodwill for late files', 'other', '40.00', 'LATE-FILES'), group: GROUP.data, ago: 3, months: 12 },
  { ...worth('Loyalty discount', 'discount', '90.00', 'LOYAL-90'), group: GROUP.sweden, ago: 2, months: 12 },
  {
    ...worth('Prepaid cloud budget', 'purchase', '5000.00', 'PREPAID-5000'),
    group: GROUP.production,
    ago: 1,
    months: 24,
  },
];

/** Creates and claims the credits of a month. */
export async function addCredits(ctx: Ctx, account: AccountDoc, ago: number): Promise<void> {
  for (const one of CREDITS) if (one.ago === ago) await add(ctx, account, one);
}

async function add(ctx: Ctx, account: AccountDoc, credit: SampleCredit): Promise<void> {
  const { group, code, months, ago: _ago, ...campaign } = credit;
  const { _id: accountId, currency, timeZone } = account;
  const today = DateTime.fromJSDate(ctx.clock.now(), { zone: timeZone });
  await createCampaign(as(ctx, 'owner'), accountId, {
    ...{ currency, ...campaign },
    startDay: today.toFormat(DAY),
    endDay: today.plus({ months }).toFormat(DAY),
    ...{ claimsPerCode: 1, codes: 1, ownCode: code },
  });
  await claimCredit(as(ctx, 'finance'), { accountId, code, billingGroupId: await groupIdOf(accountId, group) });
}

function worth(name: string, type: CreditType, value: string, code: string) {
  return { name, type, value, code };
}
