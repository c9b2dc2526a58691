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
