import mongoose from 'mongoose';
import { instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** The progress of an import. Sums are exact decimal texts by currency. */
export interface ImportCounts {
  readonly read: number;
  readonly added: number;
  readonly repeated: number;
  readonly rejected: number;
  /** Of the rows that were read and not rejected. */
  readonly sums: Readonly<Record<string, string>>;
}

export interface ImportRejection {
  /** The file that contains the row, if several were imported together. */
  readonly file?: string;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

/** One run of an import, which may still be pending. */
export interface ImportDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly fileName: string;
  readonly replace: boolean;
  readonly state: ImportState;
  readonly actor: string;
  /** For a file shared in Slack: the file, and where to reply. */
  readonly slack: ImportSlack | null;
  readonly counts: ImportCounts;
  /** The first of them. The report counts the rest. */
  readonly rejections: readonly ImportRejection[];
  /** Notes about imported rows and the file: their number, and the first of them. */
  readonly notes?: { readonly count: number; readonly first: readonly ImportRejection[] };
  /** The total of its new rows; absent before its end and in imports of earlier versions. */
  readonly summary?: ImportSummary;
  readonly changes: readonly string[];
  readonly failure: string | null;
  readonly queuedAt: Date;
  readonly finishedAt: Date | null;
  /** Whether the outcome was posted to the person who shared the file. */
  readonly told: boolean;
  /** The attempt for these files in the account, from 1; absent in imports of earlier versions. */
  readonly attempt?: number;
  /** The token of the lease it ran under. */
  readonly token?: number;
  /** How many projects a replacement changes, including those not listed in `changes`. */
  readonly changeCount?: number;
  /** Why a replacement has to be confirmed, in sentences. */
  readonly doubts?: readonly string[];
  /** For a replacement: how many invoices each period had when costs were booked in it. */
  readonly issued?: IssuedCounts;
  /** The data needed to undo the replacement; absent if nothing was replaced. */
  readonly undo?: ReplacementUndo | null;
  readonly undoneAt?: Date | null;
  readonly files?: FilesRead;
  /** YYYY-MM: the month of all charges, for a file whose mapping has no dates. */
  readonly month?: string;
  /** Set if a person canceled the replacement. */
  readonly isDeclined?: boolean;
  /** For files of a source. */
  readonly delivery?: ImportDelivery;
}

/** The delivery of a source that was imported. */
export interface ImportDelivery {
  readonly sourceId: string;
  /** Identifies it within its source. */
  readonly name: string;
}

/** What an import without rejected rows has read, so that the same files needn't be imported again. */
export interface FilesRead {
  /** The first file's beginning, in base64. */
  readonly head: string;
  /** The digest of all files' bytes, and of the options that decide what they mean. */
  readonly whole: string;
  /** The loads that contain the rows. */
  readonly loads: readonly mongoose.Types.ObjectId[];
}

/** What an import added. Amounts are exact decimal texts. */
export interface ImportSummary {
  readonly months: readonly { readonly billingMonth: string; readonly currency: string; readonly amount: string }[];
  /** By the name that the group had. */
  readonly payers: readonly { readonly group: string; readonly currency: string; readonly amount: string }[];
  /** Titles of the first projects that it created. */
  readonly newProjects: readonly string[];
  readonly newProjectCount: number;
}

/** `unconfirmed`: a staged replacement that a person has to confirm. */
export type ImportState = 'queued' | 'running' | 'unconfirmed' | 'finished' | 'interrupted' | 'refused';

/** Files shared in Slack, and where to reply. */
export interface ImportSlack {
  /** The first file. */
  readonly fileId: string;
  /** The other files imported together with it. */
  readonly moreFileIds?: readonly string[];
  /** For all files, in the same order; absent if there is only one. */
  readonly fileNames?: readonly string[];
  readonly channelId: string;
  readonly threadTs: string | null;
}

/** The number of an account's issued invoices, by period. */
export type IssuedCounts = Readonly<Record<string, number>>;

export interface ReplacementUndo {
  /** How many loads it made active. */
  readonly placed: number;
  /** How many loads it replaced. */
  readonly replaced: number;
  /** How many invoices each affected period had when the replacement was carried out. */
  readonly issued: IssuedCounts;
}

const { Schema } = mongoose;
const anything = { type: Schema.Types.Mixed, default: null } as const;

const importSchema = new Schema<ImportDoc>(
  {
    _id: text,
    accountId: text,
    fileName: text,
    replace: { type: Boolean, required: true },
    state: text,
    actor: text,
    slack: anything,
    counts: { type: Schema.Types.Mixed, required: true },
    rejections: { type: Schema.Types.Mixed, required: true },
    notes: { type: Schema.Types.Mixed },
    summary: { type: Schema.Types.Mixed },
    changes: { type: [String], required: true },
    failure: maybeText,
    queuedAt: instant,
    finishedAt: maybeInstant,
    told: { type: Boolean, required: true },
    attempt: { type: Number },
    token: { type: Number },
    changeCount: { type: Number },
    doubts: { type: [String], default: undefined },
    issued: { type: Schema.Types.Mixed },
    undo: { type: Schema.Types.Mixed },
    undoneAt: { type: Date },
    files: { type: Schema.Types.Mixed },
    month: { type: String },
    isDeclined: { type: Boolean },
    delivery: { type: Schema.Types.Mixed },
  },
  { collection: 'imports', versionKey: false, minimize: false },
)
  .index({ accountId: 1, queuedAt: -1 }, { name: 'imports_of_account' })
  .index({ state: 1, told: 1, queuedAt: 1 }, { name: 'imports_by_state' })
  // those of sources are never told, and become many
  .index(
    { accountId: 1, state: 1, queuedAt: 1 },
    { name: 'imports_to_tell', partialFilterExpression: { told: false, 'slack.fileId': { $type: 'string' } } },
  )
  // two clicks at the same instant count as one attempt
  .index(
    { accountId: 1, 'slack.fileId': 1, replace: 1, attempt: 1 },
    { unique: true, name: 'import_attempt', partialFilterExpression: { 'slack.fileId': { $type: 'string' } } },
  );

export const Imports = mongoose.model('Import', importSchema);
