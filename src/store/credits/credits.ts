import mongoose from 'mongoose';
import type { CreditType } from '../../billing/credit/credit.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { count, instant, maybeInstant, maybeText, money, text } from '../kit/schema-fields.ts';

/** A campaign generates codes of equal value. */
export interface CampaignDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  readonly type: CreditType;
  readonly value: Decimal128;
  readonly currency: string;
  readonly startTime: Date;
  /** From this instant on, codes can't be claimed and claimed credits expire; null for never. */
  readonly expireTime: Date | null;
  /** How often each code can be claimed. */
  readonly claimsPerCode: number;
  readonly state: 'active' | 'ended';
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** A code and its remaining claims. All concurrent claims of the code write this document. */
export interface CodeDoc {
  /** `ACCOUNT:KEY`, so that a code exists once in an account, however it is typed. */
  readonly _id: string;
  readonly accountId: string;
  readonly campaignId: string;
  readonly code: string;
  readonly claimsLeft: number;
}

/** A claimed code: money that pays for a group's or a project's costs. */
export interface CreditDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly campaignId: string;
  readonly codeId: string;
  readonly code: string;
  readonly type: CreditType;
  readonly currency: string;
  readonly value: Decimal128;
  readonly remaining: Decimal128;
  readonly billingGroupId: string;
  /** Null for the whole group. */
  readonly projectId: string | null;
  readonly claimedBy: string;
  readonly claimedAt: Date;
  readonly startTime: Date;
  readonly expireTime: Date | null;
  /** For a balance: the invoice with the negative total (`balanceId`). Its campaign and code aren't stored. */
  readonly balanceOf?: string;
  /** The amount paid out of a balance. */
  readonly paidOut?: Decimal128;
  /** `expired` is set by a job, with its event. */
  readonly state: 'claimed' | 'expired';
}

/** An invoice's use of a credit. */
export interface ConsumptionDoc {
  /** `CREDIT:INVOICE`: an invoice uses a credit only once. */
  readonly _id: string;
  readonly creditId: string;
  readonly accountId: string;
  readonly invoiceId: string;
  readonly amount: Decimal128;
  /** The amount of it that the invoice's credit memos returned; absent for none, and for uses by earlier versions. */
  readonly returned?: Decimal128;
  readonly at: Date;
}

const { Schema } = mongoose;

const campaignSchema = new Schema<CampaignDoc>(
  {
    _id: text,
    accountId: text,
    name: text,
    type: text,
    value: money,
    currency: text,
    startTime: instant,
    expireTime: maybeInstant,
    claimsPerCode: count,
    state: text,
    createdBy: text,
    createdAt: instant,
  },
  { collection: 'credit_campaigns', versionKey: false },
).index({ accountId: 1, createdAt: -1 }, { name: 'campaigns_of_account' });

const codeSchema = new Schema<CodeDoc>(
  { _id: text, accountId: text, campaignId: text, code: text, claimsLeft: count },
  { collection: 'credit_codes', versionKey: false },
).index({ accountId: 1, campaignId: 1, _id: 1 }, { name: 'codes_by_campaign' });

const creditSchema = new Schema<CreditDoc>(
  {
    _id: text,
    accountId: text,
    campaignId: text,
    codeId: text,
    code: text,
    type: text,
    currency: text,
    value: money,
    remaining: money,
    billingGroupId: text,
    projectId: maybeText,
    claimedBy: text,
    claimedAt: instant,
    startTime: instant,
    expireTime: maybeInstant,
    balanceOf: { type: String },
    paidOut: { type: Schema.Types.Decimal128 },
    state: text,
  },
  { collection: 'credits', versionKey: false },
)
  .index({ accountId: 1, billingGroupId: 1, codeId: 1 }, { unique: true, name: 'credit_of_code' })
  .index({ accountId: 1, billingGroupId: 1, state: 1, claimedAt: -1 }, { name: 'credits_by_group' })
  .index({ state: 1, expireTime: 1 }, { name: 'credits_to_expire' });

const consumptionSchema = new Schema<ConsumptionDoc>(
  {
    _id: text,
    creditId: text,
    accountId: text,
    invoiceId: text,
    amount: money,
    returned: { type: Schema.Types.Decimal128 },
    at: instant,
  },
  { collection: 'credit_consumptions', versionKey: false },
)
  .index({ accountId: 1, creditId: 1, at: 1 }, { name: 'consumptions_by_credit' })
  .index({ accountId: 1, invoiceId: 1 }, { name: 'consumptions_by_invoice' });

export const Campaigns = mongoose.model('CreditCampaign', campaignSchema);
export const Codes = mongoose.model('CreditCode', codeSchema);
export const Credits = mongoose.model('Credit', creditSchema);
export const Consumptions = mongoose.model('CreditConsumption', consumptionSchema);
