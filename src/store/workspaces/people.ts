import mongoose from 'mongoose';
import { instant, maybeText, text } from '../kit/schema-fields.ts';

/** The name of a Slack user who appears in an event log, for readers outside Slack. */
export interface PersonDoc {
  /** `TEAM:USER` */
  readonly _id: string;
  readonly teamId: string;
  readonly userId: string;
  /** Null until Slack has been asked. */
  readonly name: string | null;
  /** When to ask Slack next. */
  readonly askAt: Date;
}

/** A Slack user in their workspace. */
export type PersonId = Pick<PersonDoc, 'teamId' | 'userId'>;

const { Schema } = mongoose;
/** Comes before everyone who has been asked for. */
const AT_ONCE = new Date(0);

const personSchema = new Schema<PersonDoc>(
  { _id: text, teamId: text, userId: text, name: maybeText, askAt: instant },
  { collection: 'people', versionKey: false },
).index({ askAt: 1 }, { name: 'people_to_ask_for' });

export const People = mongoose.model('Person', personSchema);

/** Stores people whose names have to be asked for, unless they are there already. Safe to repeat. */
export async function notePeople(teamId: string, userIds: readonly string[]): Promise<void> {
  const update = { $setOnInsert: { teamId, name: null, askAt: AT_ONCE } };
  await People.bulkWrite(
    userIds.map((userId) => ({
      updateOne: {
        filter: { _id: idOf({ teamId, userId }) },
        update: { ...update, $setOnInsert: { ...update.$setOnInsert, userId } },
        upsert: true,
      },
    })),
    { ordered: false },
  );
}

/** Deletes people of a workspace. */
export async function forgetPeople(teamId: string, userIds: readonly string[]): Promise<void> {
  await People.deleteMany({ _id: { $in: userIds.map((userId) => idOf({ teamId, userId })) } });
}

/** What is known about some people of a workspace, unordered. */
export async function peopleOfTeam(teamId: string, userIds: readonly string[]): Promise<PersonDoc[]> {
  return People.find({ _id: { $in: userIds.map((userId) => idOf({ teamId, userId })) } }).lean();
}

/** In all workspaces: people to be asked for, those without a name first. */
export async function peopleToAsk(now: Date, limit: number): Promise<PersonDoc[]> {
  return People.find({ askAt: { $lte: now } })
    .sort({ askAt: 1 })
    .limit(limit)
    .lean();
}

/** Asks for people who are due later. */
export async function postponePeople(due: readonly PersonId[], now: Date, askAt: Date): Promise<void> {
  await People.updateMany({ _id: { $in: due.map(idOf) }, askAt: { $lte: now } }, { $set: { askAt } });
}

/** Stores what Slack answered about a person. Without a name, the previous one is deleted: Slack knows nobody by it. */
export async function setPersonName(person: PersonId, name: string | null, askAt: Date): Promise<void> {
  await People.updateOne({ _id: idOf(person) }, { $set: { askAt, name } });
}

/** Renames a person, if they are known. */
export async function renamePerson(person: PersonId, name: string): Promise<void> {
  await People.updateOne({ _id: idOf(person) }, { $set: { name } });
}

function idOf({ teamId, userId }: PersonId): string {
  return `${teamId}:${userId}`;
}
