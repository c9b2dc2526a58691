import mongoose from 'mongoose';
import { anyText, count, instant, text } from '../kit/schema-fields.ts';

/** A person's visit to the App Home and what it showed, so that it can be kept up to date. */
export interface HomeVisitDoc {
  /** `TEAM:USER` */
  readonly _id: string;
  readonly teamId: string;
  readonly userId: string;
  readonly accountId: string;
  /** The page of the list of groups, from 1. */
  readonly page: number;
  readonly visitedAt: Date;
  /** The state of the account's data when the Home was last published. */
  readonly stamp: string;
}

const { Schema } = mongoose;

const visitSchema = new Schema<HomeVisitDoc>(
  {
    _id: text,
    teamId: text,
    userId: text,
    accountId: text,
    page: count,
    visitedAt: instant,
    stamp: anyText,
  },
  { collection: 'home_visits', versionKey: false },
).index({ visitedAt: 1 }, { name: 'recent_visits' });

export const HomeVisits = mongoose.model('HomeVisit', visitSchema);

/** The content of a visit, without its time. */
export type HomeVisit = Pick<HomeVisitDoc, 'teamId' | 'userId' | 'accountId' | 'page'>;

/** Records a person's visit to the Home. Atomic, outside of a transaction. */
export async function noteHomeVisit(visit: HomeVisit, visitedAt: Date): Promise<void> {
  await HomeVisits.updateOne(
    { _id: `${visit.teamId}:${visit.userId}` },
    { $set: { ...visit, visitedAt } },
    { upsert: true },
  );
}

/** Across all accounts: the visits since an instant, unordered. */
export async function homeVisitsSince(since: Date): Promise<HomeVisitDoc[]> {
  return HomeVisits.find({ visitedAt: { $gte: since } }).lean();
}

/** Records the state of the account's data when a person's Home was published. Atomic, outside of a transaction. */
export async function setHomeStamp({ _id, accountId }: HomeVisitDoc, stamp: string): Promise<void> {
  await HomeVisits.updateOne({ _id, accountId }, { $set: { stamp } });
}
