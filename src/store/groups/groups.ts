import mongoose from 'mongoose';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { Period } from '../../billing/period/period.ts';
import type { MemberKind } from '../accounts/accounts.ts';
import type { Decimal128 } from '../kit/decimal.ts';
import { anyText, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** A billing group as stored (domain.md, Entities). */
export interface GroupDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  readonly nameKey: string;
  readonly currency: string;
  readonly state: 'active' | 'deleted';
  /** Null for the default terms. */
  readonly paymentMethodId: string | null;
  readonly billing: BillingInformation;
  /** When the tax office will be asked about the VAT ID next; null if there is nothing to ask. */
  readonly vatCheckAt: Date | null;
  /** How many times in a row there was no answer. */
  readonly vatTries: number;
  /** Such as dev, test or prod; empty if there is none. */
  readonly environment: string;
  /** Slack users who may approve moves of this group in addition to those whose role allows it. */
  readonly approverIds: readonly string[];
  /** The earliest period without an invoice: the next to be closed, and the one that late costs are booked in. */
  readonly nextPeriod: Period;
  /** Its monthly budget, available without a query to anyone reading the group; absent or null for none. */
  readonly budget?: Decimal128 | null;
  /** The period of the latest issued invoice; null if there is none. */
  readonly lastClosed: Period | null;
  /** The picture of its totals that Slack has stored, and what it shows. It is made again when the totals change. */
  readonly chart: { readonly key: string; readonly fileId: string } | null;
  readonly deletedAt: Date | null;
  /** For a deleted group: the last period that is invoiced. */
  readonly finalPeriod: Period | null;
  /** Incremented by every change that puts projects into the group or deletes it, so that these changes conflict. */
  readonly changes: number;
  readonly createdAt: Date;
}

/** A Slack user, or all users of a Slack user group, who leads a project. */
export interface ProjectLead {
  readonly kind: MemberKind;
  /** The Slack ID of the user or user group. */
  readonly id: string;
}

/** A project as stored. */
export interface ProjectDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  readonly nameKey: string;
  /** The provider's name for the account, in addition to the project's name. */
  readonly label: string | null;
  /** The provider's account ID if its costs are imported: complete, even if the name is shortened. */
  readonly externalId: string | null;
  /** The `externalKeyOf` its provider's ID. Absent if there is no ID, or an older project has the same. */
  readonly externalKey?: string;
  /** People first, then user groups. Absent if it never had any. */
  readonly leads?: readonly ProjectLead[];
  readonly createdAt: Date;
}

/** A project's membership in a group during `[from, to)` (domain.md, Membership). */
export interface MembershipDoc {
  readonly _id: mongoose.Types.ObjectId;
  readonly accountId: string;
  readonly projectId: string;
  /** The project's `nameKey`, by which a group's projects are sorted. */
  readonly projectKey: string;
  readonly billingGroupId: string;
  readonly from: Date | null;
  readonly to: Date | null;
  /** Only present on the one membership without an end. A unique index allows one per project. */
  readonly open?: true;
}

const { Schema } = mongoose;

const groupSchema = new Schema<GroupDoc>(
  {
    _id: text,
    accountId: text,
    name: text,
    nameKey: text,
    currency: text,
    state: text,
    paymentMethodId: maybeText,
    billing: { type: Schema.Types.Mixed, default: () => NO_BILLING_INFORMATION },
    vatCheckAt: maybeInstant,
    vatTries: { type: Number, default: 0 },
    environment: anyText,
    budget: { type: Schema.Types.Decimal128, default: null },
    approverIds: { type: [String], default: [] },
    nextPeriod: text,
    lastClosed: maybeText,
    chart: { type: Schema.Types.Mixed, default: null },
    deletedAt: maybeInstant,
    finalPeriod: maybeText,
    changes: { type: Number, default: 0 },
    createdAt: instant,
  },
  { collection: 'billing_groups', versionKey: false },
)
  // a deleted group's name can be used again
  .index(
    { accountId: 1, nameKey: 1 },
    { unique: true, name: 'group_name', partialFilterExpression: { state: 'active' } },
  )
  .index({ accountId: 1, nextPeriod: 1 }, { name: 'groups_due' })
  .index({ nextPeriod: 1 }, { name: 'groups_due_anywhere' })
  .index({ accountId: 1, paymentMethodId: 1, state: 1 }, { name: 'groups_of_method' })
  .index({ vatCheckAt: 1 }, { name: 'vat_to_check', partialFilterExpression: { vatCheckAt: { $type: 'date' } } });

const projectSchema = new Schema<ProjectDoc>(
  {
    _id: text,
    accountId: text,
    name: text,
    nameKey: text,
    label: maybeText,
    externalId: maybeText,
    externalKey: { type: String },
    leads: { type: Schema.Types.Mixed, default: undefined },
    createdAt: instant,
  },
  { collection: 'projects', versionKey: false },
)
  .index(
    { accountId: 1, externalKey: 1 },
    { unique: true, name: 'project_external_key', partialFilterExpression: { externalKey: { $type: 'string' } } },
  )
  .index({ accountId: 1, nameKey: 1 }, { unique: true, name: 'project_name' })
  .index({ accountId: 1, _id: 1 }, { name: 'projects_by_id' })
  .index({ accountId: 1, 'leads.id': 1 }, { name: 'projects_of_lead' })
  .index(
    { accountId: 1, externalId: 1 },
    { unique: true, name: 'project_external_id', partialFilterExpression: { externalId: { $type: 'string' } } },
  )
  .index(
    { accountId: 1, label: 1 },
    { name: 'projects_by_label', partialFilterExpression: { label: { $type: 'string' } } },
  );

const membershipSchema = new Schema<MembershipDoc>(
  {
    accountId: text,
    projectId: text,
    projectKey: text,
    billingGroupId: text,
    from: maybeInstant,
    to: maybeInstant,
    open: { type: Boolean },
  },
  { collection: 'memberships', versionKey: false },
)
  .index(
    { accountId: 1, projectId: 1 },
    { unique: true, name: 'open_membership_of_project', partialFilterExpression: { open: true } },
  )
  .index({ accountId: 1, projectId: 1, from: 1 }, { unique: true, name: 'memberships_by_project' })
  .index({ accountId: 1, billingGroupId: 1, projectKey: 1 }, { name: 'memberships_by_group' });

export const Groups = mongoose.model('BillingGroup', groupSchema);
export const Projects = mongoose.model('Project', projectSchema);
export const Memberships = mongoose.model('Membership', membershipSchema);
