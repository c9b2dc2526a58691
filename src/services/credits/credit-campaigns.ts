import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { BALANCE_PREFIX, CODE_LIMIT, CREDIT_TYPES, codeKey, makeCode } from '../../billing/credit/credit.ts';
import { cleanName } from '../../billing/group/names.ts';
import { count } from '../../billing/money/count.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { type Decimal, formatMoney, ZERO } from '../../billing/money/money.ts';
import { readAmount } from '../../billing/money/typed-amount.ts';
import { addDays, dayIn, isDay, lastDayBefore, startOfDay } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  campaignById,
  campaignPage,
  codeById,
  codeCounts,
  codesOfCampaign,
  countCampaigns,
  endActive,
  insertCampaign,
  insertCodes,
} from '../../store/credits/campaign-queries.ts';
import type { CampaignDoc, CodeDoc } from '../../store/credits/credits.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';

/** The maximum number of codes of a campaign. */
const MOST_CODES = 1_000;

const dayOrNone = z.string().refine(isDay, 'Enter a date such as 2026-10-31.').nullable();

export const campaignSchema = z
  .object({
    name: z
      .string()
      .transform(cleanName)
      .refine((name) => name !== '' && name.length <= 100, 'Enter a name of at most 100 characters.'),
    type: z.enum(CREDIT_TYPES, 'Choose a type.'),
    /** As typed, in the currency. */
    value: z.string(),
    currency: z.string().refine(isCurrency, 'Choose a currency from the list.'),
    /**
     * Days in the account's time zone, YYYY-MM-DD: from the start of the first (or from now) to the end of the last.
     */
    startDay: dayOrNone,
    endDay: dayOrNone,
    claimsPerCode: z.number().int().min(1, 'Enter at least 1.').max(100_000, 'Enter at most 100,000.'),
    /** How many codes are generated, or a single custom code. */
    codes: z.number().int().min(1, 'Enter at least 1.').max(MOST_CODES, `Enter at most ${MOST_CODES}.`),
    ownCode: z
      .string()
      .nullable()
      .refine((code) => code === null || codeKey(code).length >= 4, 'A code must have at least four letters or digits.')
      .refine(
        (code) => code === null || !codeKey(code).startsWith(codeKey(BALANCE_PREFIX)),
        `Codes that begin with ${BALANCE_PREFIX} are reserved for balances of invoices.`,
      )
      .refine(
        (code) => code === null || code.length <= CODE_LIMIT,
        `A code can have at most ${CODE_LIMIT} characters.`,
      ),
  })
  .superRefine((campaign, context) => {
    const { value, currency, startDay, endDay, ownCode, codes } = campaign;
    const read = isCurrency(currency) ? readAmount(value, currency) : undefined;
    if (read && 'fault' in read) context.addIssue({ code: 'custom', path: ['value'], message: read.fault });
    if (startDay && endDay && endDay < startDay) {
      context.addIssue({ code: 'custom', path: ['endDay'], message: 'The end date must be after the start date.' });
    }
    if (ownCode !== null && codes !== 1) {
      context.addIssue({ code: 'custom', path: ['codes'], message: 'With your own code, the number of codes is 1.' });
    }
  })
  .transform((campaign) => {
    const read = readAmount(campaign.value, campaign.currency);
    return { ...campaign, value: 'value' in read ? read.value : ZERO };
  });
export type NewCampaign = z.input<typeof campaignSchema>;

/** A campaign in a list. */
export interface CampaignSummary {
  readonly id: string;
  readonly name: string;
  readonly type: CampaignDoc['type'];
  readonly value: Decimal;
  readonly currency: string;
  readonly startTime: Date;
  readonly expireTime: Date | null;
  /** Days, YYYY-MM-DD in the account's time zone. The last one is the last day on which its credits are valid. */
  readonly firstDay: string;
  readonly lastDay: string | null;
  readonly state: CampaignDoc['state'];
  readonly codes: number;
  /** How many claims are left for all its codes together. */
  readonly claimsLeft: number;
}

/**
 * Creates a campaign with its codes. Not safe to repeat: each call generates different codes. A custom code is unique
 * in the account, so a second call with it is refused.
 *
 * @throws {Refusal} `credit_code_taken`, `invalid_input` with the fields at fault, `role_needed`
 */
export async function createCampaign(
  ctx: Ctx,
  accountId: string,
  input: NewCampaign,
): Promise<{ campaign: CampaignSummary; codes: string[] }> {
  const { account } = await admit(ctx, accountId, 'administer');
  const parsed = campaignSchema.safeParse(input);
  if (!parsed.success) throw wrongFields(parsed.error);
  const { value, ownCode, codes: wanted, startDay, endDay, ...rest } = parsed.data;
  const now = ctx.clock.now();
  const startTime = startDay === null ? now : startOfDay(startDay, account.timeZone);
  const expireTime = endDay === null ? null : startOfDay(addDays(endDay, 1), account.timeZone);
  if (expireTime && expireTime <= now) throw faultIn('endDay', 'Choose a day in the future.');
  const campaign: CampaignDoc = {
    _id: newId('cam'),
    accountId: account._id,
    ...rest,
    startTime,
    expireTime,
    value: toDecimal128(value),
    state: 'active',
    createdBy: actorName(ctx.actor),
    createdAt: now,
  };
  const codes = ownCode === null ? distinctCodes(wanted) : [ownCode.trim()];
  await inChange(ctx, accountId, 'administer', async (tx) => {
    if (ownCode !== null) await assertFree(account._id, ownCode);
    await insertCampaign(tx, campaign);
    await insertCodes(
      tx,
      codes.map((code) => codeOf(campaign, code)),
    );
    const worth = formatMoney(value, campaign.currency);
    await tx.record({
      accountId: account._id,
      type: 'credit_campaign_created',
      description: `Created credit campaign "${campaign.name}" with ${count(codes.length, 'code')} of ${worth}`,
      after: {
        campaignId: campaign._id,
        type: campaign.type,
        codes: codes.length,
        value: value.toFixed(),
        currency: campaign.currency,
      },
    });
  });
  const claimsLeft = codes.length * campaign.claimsPerCode;
  return { campaign: summaryOf(campaign, account.timeZone, codes.length, claimsLeft), codes };
}

/** Ends a campaign. Its codes can no longer be claimed; claimed credits stay. Safe to repeat. @throws {Refusal} */
export async function endCampaign(ctx: Ctx, accountId: string, campaignId: string): Promise<void> {
  await inChange(ctx, accountId, 'administer', async (tx) => {
    const before = await endActive(tx, accountId, campaignId);
    if (!before) return;
    await tx.record({
      accountId,
      type: 'credit_campaign_changed',
      description: `Ended credit campaign "${before.name}"`,
      before: { state: 'active' },
      after: { campaignId, state: 'ended' },
    });
  });
}

/** The account's campaigns, newest first; for owners only, because codes are money. */
export async function listCampaigns(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<CampaignSummary>> {
  const { account } = await admit(ctx, accountId, 'administer');
  const page = await pageOf(
    request,
    () => countCampaigns(accountId),
    (part) => campaignPage(accountId, part),
  );
  const counts = await codeCounts(
    accountId,
    page.items.map(({ _id }) => _id),
  );
  const items = page.items.map((doc) => {
    const count = counts.get(doc._id);
    return summaryOf(doc, account.timeZone, count?.codes ?? 0, count?.claimsLeft ?? 0);
  });
  return { ...page, items };
}

/** A campaign's codes, with the claims left for each. @throws {Refusal} `campaign_not_found`, `role_needed` */
export async function codesOf(
  ctx: Ctx,
  accountId: string,
  campaignId: string,
): Promise<{ name: string; codes: { code: string; claimsLeft: number }[] }> {
  await admit(ctx, accountId, 'administer');
  const campaign = await campaignById(accountId, campaignId);
  if (!campaign) throw new Refusal('campaign_not_found');
  const codes = await codesOfCampaign(accountId, campaignId);
  return { name: campaign.name, codes: codes.map(({ code, claimsLeft }) => ({ code, claimsLeft })) };
}

/** The ID of a code, however it is typed. */
export function codeId(accountId: string, typed: string): string {
  return `${accountId}:${codeKey(typed)}`;
}

function distinctCodes(count: number): string[] {
  const codes = new Set<string>();
  while (codes.size < count) codes.add(makeCode(randomInt));
  return [...codes];
}

function codeOf(campaign: CampaignDoc, code: string): CodeDoc {
  const { _id: campaignId, accountId, claimsPerCode: claimsLeft } = campaign;
  return { _id: codeId(accountId, code), accountId, campaignId, code, claimsLeft };
}

async function assertFree(accountId: string, code: string): Promise<void> {
  if (!(await codeById(accountId, codeId(accountId, code)))) return;
  throw new Refusal('credit_code_taken', { code: code.trim() });
}

function faultIn(field: string, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}

function summaryOf(doc: CampaignDoc, zone: string, codes: number, claimsLeft: number): CampaignSummary {
  const { _id: id, name, type, currency, startTime, expireTime, state } = doc;
  return {
    id,
    name,
    type,
    currency,
    startTime,
    expireTime,
    firstDay: dayIn(startTime, zone),
    lastDay: expireTime && lastDayBefore(expireTime, zone),
    state,
    codes,
    claimsLeft,
    value: fromDecimal128(doc.value),
  };
}

function wrongFields(error: z.ZodError): Refusal {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) fields[String(issue.path[0])] ??= issue.message;
  return new Refusal('invalid_input', { fields });
}
