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
  readonly state: 'queued' | 'running' | 'finished' | 'interrupted' | 'refused';
  readonly actor: string;
  /** Of a file dropped in Slack: where it is, and where to answer. */
  readonly slack: { readonly fileId: string; readonly channelId: string; readonly threadTs: string | null } | null;
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
  },
  { collection: 'imports', versionKey: false, minimize: false },
)
  .index({ accountId: 1, queuedAt: -1 }, { name: 'imports_of_account' })
  .index({ state: 1, told: 1, queuedAt: 1 }, { name: 'imports_by_state' })
  // the same dropped file is queued once, however often Slack or a person says so
  .index(
    { 'slack.fileId': 1, replace: 1 },
    { unique: true, name: 'import_of_slack_file', partialFilterExpression: { 'slack.fileId': { $type: 'string' } } },
  );

export const Imports = mongoose.model('Import', importSchema);
