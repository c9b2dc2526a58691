import mongoose from 'mongoose';
import { instant, text } from '../kit/schema-fields.ts';
import { isDuplicateKey } from '../kit/transaction.ts';

/** A file that was shared in Slack within the last day. */
export interface SharedFileDoc {
  /** `TEAM CHANNEL FILE EVENT_TS`: the same if Slack sends the event again. */
  readonly _id: string;
  readonly teamId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly fileId: string;
  readonly eventTs: string;
  readonly at: Date;
  /** Set once the app has replied. The file is kept for a day, so that a repeated event is recognized. */
  readonly isAnswered?: boolean;
}

const { Schema } = mongoose;

const sharedFileSchema = new Schema<SharedFileDoc>(
  {
    ...{ _id: text, teamId: text, channelId: text, userId: text, fileId: text, eventTs: text },
    at: instant,
    isAnswered: { type: Boolean },
  },
  { collection: 'shared_files', versionKey: false },
).index({ at: 1 }, { name: 'shared_files_by_age' });

export const SharedFiles = mongoose.model('SharedFile', sharedFileSchema);

/** Records once that a file was shared. */
export async function noteSharedFile(shared: SharedFileDoc): Promise<void> {
  try {
    await SharedFiles.create([shared]);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Across all workspaces: deletes files shared before an instant. */
export async function deleteSharedFiles(before: Date): Promise<void> {
  await SharedFiles.deleteMany({ at: { $lt: before } });
}

/** The workspaces with files without a reply yet. */
export async function teamsWithUnansweredFiles(): Promise<string[]> {
  return SharedFiles.distinct('teamId', { isAnswered: { $ne: true } });
}

/** Files of some workspaces without a reply yet, oldest first. */
export function eachUnansweredFile(teamIds: readonly string[]): AsyncIterable<SharedFileDoc> {
  return SharedFiles.find({ isAnswered: { $ne: true }, teamId: { $in: [...teamIds] } })
    .sort({ at: 1 })
    .lean()
    .cursor();
}

/** Whether a file still needs a reply. */
export async function isShared(id: string): Promise<boolean> {
  return (await SharedFiles.exists({ _id: id, isAnswered: { $ne: true } })) !== null;
}

/** Records that the app has replied to a file, so that nothing is left to do about it. */
export async function markAnswered(id: string): Promise<void> {
  await SharedFiles.updateOne({ _id: id }, { $set: { isAnswered: true } });
}
