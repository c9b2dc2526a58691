import mongoose from 'mongoose';

/** What an import has done so far; sums are exact decimal texts by currency. */
export interface ImportCounts {
  readonly read: number;
  readonly added: number;
  readonly repeated: number;
  readonly rejected: number;
  /** Of the rows read and not rejected. */
  readonly sums: Readonly<Record<string, string>>;
}

export interface ImportRejection {
  /** The file that it is in, where several were imported together. */
  readonly file?: string;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

/** One run of an import, or one that waits to be run. */
export interface ImportDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly fileName: string;
  readonly replace: boolean;
  readonly state: ImportState;
  readonly actor: string;
  /** Of a file dropped in Slack: where it is, and where to answer. */
  readonly slack: ImportSlack | null;
  readonly counts: ImportCounts;
  /** The first of them; the report counts the rest. */
  readonly rejections: readonly ImportRejection[];
  /** What is to be known of rows that were imported, and of the file: how many notes, and the first of them. */
  readonly notes?: { readonly count: number; readonly first: readonly ImportRejection[] };
  readonly changes: readonly string[];
  readonly failure: string | null;
  readonly queuedAt: Date;
  readonly finishedAt: Date | null;
  /** Whether the one who dropped the file has been told the outcome. */
  readonly told: boolean;
  /** Which time the same files are imported into the account, from 1; absent in imports of earlier versions. */
  readonly attempt?: number;
  /** The token of the lease that it ran under. */
  readonly token?: number;
  /** How many projects a replacement changes, also where `changes` names only the first. */
  readonly changeCount?: number;
  /** Why a replacement needs a second look, in sentences. */
  readonly doubts?: readonly string[];
  /** How many invoices each period that it books costs in had when it did, for a replacement. */
  readonly issued?: IssuedCounts;
  /** What it takes to undo the replacement; absent when nothing was replaced. */
  readonly undo?: ReplacementUndo | null;
  readonly undoneAt?: Date | null;
}

/** `unconfirmed`: a replacement that is staged, and waits for a person's yes. */
export type ImportState = 'queued' | 'running' | 'unconfirmed' | 'finished' | 'interrupted' | 'refused';

/** Files shared in Slack, and where to answer. */
export interface ImportSlack {
  /** The first file. */
  readonly fileId: string;
  /** The others that are imported together with it. */
  readonly moreFileIds?: readonly string[];
  /** Of all of them, in the same order; absent when there is one. */
  readonly fileNames?: readonly string[];
  readonly channelId: string;
  readonly threadTs: string | null;
}

/** Issued invoices of an account, by period. */
export type IssuedCounts = Readonly<Record<string, number>>;

export interface ReplacementUndo {
  /** How many loads it made active. */
  readonly placed: number;
  /** How many loads it replaced. */
  readonly replaced: number;
  /** How many invoices each period concerned had when it was carried out. */
  readonly issued: IssuedCounts;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;
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
    changes: { type: [String], required: true },
    failure: { type: String, default: null },
    queuedAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
    told: { type: Boolean, required: true },
    attempt: { type: Number },
    token: { type: Number },
    changeCount: { type: Number },
    doubts: { type: [String], default: undefined },
    issued: { type: Schema.Types.Mixed },
    undo: { type: Schema.Types.Mixed },
    undoneAt: { type: Date },
  },
  { collection: 'imports', versionKey: false, minimize: false },
)
  .index({ accountId: 1, queuedAt: -1 }, { name: 'imports_of_account' })
  .index({ state: 1, told: 1, queuedAt: 1 }, { name: 'imports_by_state' })
  // two clicks at the same instant make one attempt
  .index(
    { accountId: 1, 'slack.fileId': 1, replace: 1, attempt: 1 },
    { unique: true, name: 'import_attempt', partialFilterExpression: { 'slack.fileId': { $type: 'string' } } },
  );

export const Imports = mongoose.model('Import', importSchema);
