import mongoose from 'mongoose';

/** That a person has looked at the App Home, and what it showed: so that it can follow what changes. */
export interface HomeVisitDoc {
  /** `TEAM:USER` */
  readonly _id: string;
  readonly teamId: string;
  readonly userId: string;
  readonly accountId: string;
  /** The page of the groups, from 1. */
  readonly page: number;
  readonly visitedAt: Date;
  /** How far the account had come when the Home was published last. */
  readonly stamp: string;
}

const { Schema } = mongoose;
const text = { type: String, required: true } as const;

const visitSchema = new Schema<HomeVisitDoc>(
  {
    _id: text,
    teamId: text,
    userId: text,
    accountId: text,
    page: { type: Number, required: true },
    visitedAt: { type: Date, required: true },
    stamp: { type: String, default: '' },
  },
  { collection: 'home_visits', versionKey: false },
).index({ visitedAt: 1 }, { name: 'recent_visits' });

export const HomeVisits = mongoose.model('HomeVisit', visitSchema);

/** What a visit says, without when it was. */
export type HomeVisit = Pick<HomeVisitDoc, 'teamId' | 'userId' | 'accountId' | 'page'>;

/** Notes that a person looks at the Home. One atomic step of its own. */
export async function noteHomeVisit(visit: HomeVisit, visitedAt: Date): Promise<void> {
  await HomeVisits.updateOne(
    { _id: `${visit.teamId}:${visit.userId}` },
    { $set: { ...visit, visitedAt } },
    { upsert: true },
  );
}

/** Across all accounts: the visits since an instant, in no order. */
export async function homeVisitsSince(since: Date): Promise<HomeVisitDoc[]> {
  return HomeVisits.find({ visitedAt: { $gte: since } }).lean();
}

/** Notes how far an account had come when a person's Home was published. One atomic step of its own. */
export async function setHomeStamp({ _id, accountId }: HomeVisitDoc, stamp: string): Promise<void> {
  await HomeVisits.updateOne({ _id, accountId }, { $set: { stamp } });
}
