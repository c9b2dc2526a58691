import mongoose from 'mongoose';
import {
  type AccountSettings,
  LATER_SETTINGS,
  type LaterSetting,
  settingOf,
} from '../../billing/account/account-settings.ts';
import type { Role } from '../../billing/account/role.ts';
import type { Seller } from '../../billing/account/seller.ts';
import type { SettingKind } from '../../billing/account/setting.ts';
import type { Numbering } from '../../billing/invoice/numbering.ts';
import { type ApprovalPolicy, DEFAULT_APPROVAL_POLICY } from '../../billing/move/approval.ts';
import type { Period } from '../../billing/period/period.ts';
import type { TaxOverride } from '../../billing/tax/tax.ts';
import { count, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** An account as stored (domain.md, Entities). A missing setting has the value from before the setting existed. */
export interface AccountDoc extends Partial<Pick<AccountSettings, LaterSetting>> {
  readonly _id: string;
  /** The account's Slack workspace. */
  readonly teamId: string;
  readonly name: string;
  readonly nameKey: string;
  /** IANA name. */
  readonly timeZone: string;
  /** ISO 4217. The default for new groups. */
  readonly currency: string;
  readonly seller: Seller;
  readonly invoicePrefix: string;
  /** How invoices are numbered; absent for the original format. */
  readonly numbering?: Numbering;
  /** Tax rates that replace the table's. */
  readonly taxRates?: readonly TaxOverride[];
  readonly primaryBillingGroupId: string | null;
  /** The groups that are private to their people, deleted ones included. With the account, so that a check needs no query. */
  readonly privateGroupIds?: readonly string[];
  /** Hours between the end of a period and its close. */
  readonly closeDelayHours: number;
  /** The channel for finance notifications; null if there is none yet. */
  readonly financeChannelId: string | null;
  /** Who has to approve project moves. */
  readonly approvalPolicy: ApprovalPolicy;
  /** The approvals channel; null to ask each approver by direct message. */
  readonly approvalsChannelId: string | null;
  /** The last period whose close was announced in advance. */
  readonly dryRunFor?: Period;
  /** How often the settings have changed. People changing them must name the version they saw. */
  readonly settingsVersion?: number;
  /** Budgets that were used up when last checked, available without a query to anyone reading the account. */
  readonly usedUp?: { readonly period: Period; readonly budgets: readonly UsedUpBudget[] };
  /** Written by every membership change, so that two concurrent changes can't both succeed on the same old data. */
  readonly changes?: number;
  /** Since when it has had no active owner, and whether the workspace's admins were notified; absent if it has one. */
  readonly ownerless?: { readonly since: Date; readonly told: boolean };
  /** When what was kept about its Slack workspace was deleted; absent if it wasn't, or the app was installed again. */
  readonly forgottenAt?: Date;
  readonly createdAt: Date;
}

/** A budget that is used up. Amounts are decimal digits, before tax. */
export interface UsedUpBudget {
  readonly id: string;
  readonly name: string;
  readonly spent: string;
  readonly amount: string;
  readonly currency: string;
  readonly percent: number;
}

/** The role in an account of a Slack user, or of all users of a Slack user group. */
export interface MemberDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly teamId: string;
  /** Absent for a user. */
  readonly kind?: MemberKind;
  /** The Slack ID of the user or user group. The two have different prefixes. */
  readonly userId: string;
  /** For a user group: its users according to Slack at `usersAt`. */
  readonly users?: readonly string[];
  readonly usersAt?: Date | null;
  /** The user, or the group's users, whose Slack accounts are deactivated. Their role doesn't count. */
  readonly inactive?: readonly string[];
  readonly role: Role;
  readonly createdAt: Date;
}

export type MemberKind = 'user' | 'usergroup';

/** The account that a person has selected. */
export interface ChoiceDoc {
  /** `TEAM:USER` */
  readonly _id: string;
  readonly accountId: string;
}

const { Schema } = mongoose;

/** How each kind of setting is stored. An absent list isn't turned into an empty one, which has a meaning. */
const SETTING_TYPES: Readonly<Record<SettingKind, object>> = {
  line: { type: String },
  lines: { type: [String], default: undefined },
  number: { type: Number },
  days: { type: [Number], default: undefined },
  yes: { type: Boolean },
  channel: { type: String },
  currency: { type: String },
  time_zone: { type: String },
  country: { type: String },
  choice: { type: String },
  logo: { type: String },
};

const accountSchema = new Schema<AccountDoc>(
  {
    _id: text,
    teamId: text,
    name: text,
    nameKey: text,
    timeZone: text,
    currency: text,
    seller: { type: Schema.Types.Mixed, required: true },
    invoicePrefix: text,
    numbering: { type: Schema.Types.Mixed },
    taxRates: { type: Schema.Types.Mixed, default: () => [] },
    primaryBillingGroupId: maybeText,
    privateGroupIds: { type: [String], default: undefined },
    closeDelayHours: count,
    financeChannelId: maybeText,
    approvalPolicy: { type: Schema.Types.Mixed, default: () => DEFAULT_APPROVAL_POLICY },
    approvalsChannelId: maybeText,
    ...Object.fromEntries(LATER_SETTINGS.map((name) => [name, SETTING_TYPES[settingOf(name).kind]])),
    dryRunFor: { type: String },
    forgottenAt: { type: Date, required: false },
    settingsVersion: { type: Number, default: 0 },
    usedUp: { type: Schema.Types.Mixed },
    changes: { type: Number, default: 0 },
    ownerless: { type: Schema.Types.Mixed },
    createdAt: instant,
  },
  { collection: 'accounts', versionKey: false },
).index({ teamId: 1, nameKey: 1 }, { unique: true, name: 'account_name' });

const memberSchema = new Schema<MemberDoc>(
  {
    _id: text,
    accountId: text,
    teamId: text,
    kind: { type: String, default: 'user' },
    userId: text,
    users: { type: [String], default: [] },
    usersAt: maybeInstant,
    inactive: { type: [String], default: undefined },
    role: text,
    createdAt: instant,
  },
  { collection: 'members', versionKey: false },
)
  .index({ accountId: 1, userId: 1 }, { unique: true, name: 'member_of_account' })
  .index({ teamId: 1, userId: 1 }, { name: 'accounts_of_user' })
  .index({ teamId: 1, users: 1 }, { name: 'accounts_by_user_group' })
  .index({ kind: 1, usersAt: 1 }, { name: 'user_groups_by_age' });

const choiceSchema = new Schema<ChoiceDoc>(
  { _id: text, accountId: text },
  { collection: 'account_choices', versionKey: false },
);

export const Accounts = mongoose.model('Account', accountSchema);
export const Members = mongoose.model('Member', memberSchema);
export const Choices = mongoose.model('AccountChoice', choiceSchema);

/**
 * Matches memberships that give a person access: their own and their user groups'; none while they are deactivated in
 * Slack.
 */
export function heldBy(teamId: string, userId: string) {
  return { teamId, inactive: { $ne: userId }, $or: [{ userId }, { users: userId }] };
}

/** Matches memberships that someone can act on: user groups, and people who aren't deactivated in Slack. */
export const MAYBE_ACTIVE = { $or: [{ kind: 'usergroup' as const }, { 'inactive.0': { $exists: false } }] };

/** Matches memberships of owners: people and user groups, active or not. */
export const ownersOf = { role: 'owner' } as const;

/** The people who have a membership's role: the user, or the group's users, except those deactivated in Slack. */
export function activeUsersOf({ kind, userId, users = [], inactive = [] }: MemberDoc): string[] {
  return (kind === 'usergroup' ? users : [userId]).filter((id) => !inactive.includes(id));
}
