import mongoose from 'mongoose';
import type { LeftOut } from '../../billing/invoice/breakdown.ts';
import type { Effect } from '../../billing/move/move.ts';
import { anyText, count, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';

/** A project to be moved, and the group it was in when the move was requested. */
export interface MovingProject {
  readonly projectId: string;
  readonly name: string;
  readonly label: string | null;
  readonly fromGroupId: string;
}

export const MOVE_STATES = ['open', 'approved', 'rejected', 'withdrawn', 'expired', 'refused'] as const;
export type MoveState = (typeof MOVE_STATES)[number];

/**
 * The position of a request's message. Without a `ts`, it still has to be posted, or a killed process may have posted
 * it.
 */
export interface MoveCopy {
  readonly channelId: string;
  /** The approver who was asked by direct message; absent for a channel, and on requests of earlier versions. */
  readonly userId?: string;
  readonly ts: string | null;
}

/** A move's cost impact. Amounts are decimal strings: costs included in the move are exact, estimates are rounded. */
export interface MoveFacts {
  readonly along: readonly { readonly currency: string; readonly amount: string }[];
  /** Of the target first, then of the groups that the projects leave. */
  readonly estimates: readonly {
    /** Absent on requests of earlier versions. */
    readonly billingGroupId?: string;
    readonly name: string;
    readonly currency: string;
    readonly before: string;
    readonly after: string;
    /** The gap to the group's commitments; absent if there is none. */
    readonly commitments?: { readonly before: string; readonly after: string };
    /** Amounts without a rate; absent if there are none. */
    readonly leftOut?: readonly (Pick<LeftOut, 'kind' | 'currency'> & { readonly amount: string })[];
  }[];
}

/** A request to move projects to another group. */
export interface MoveDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly projects: readonly MovingProject[];
  readonly toGroupId: string;
  readonly effect: Effect;
  readonly effectAt: Date;
  /** The requested instant, if an approver agreed to a later one; absent if it is the same. */
  readonly wantedAt?: Date;
  readonly reason: string;
  /** For a pending request, based on current costs; for a decided one, as of the decision. */
  readonly facts?: MoveFacts;
  /** When the facts were calculated; absent on requests of earlier versions. */
  readonly factsAt?: Date;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly state: MoveState;
  /** Groups whose approvers are asked, and the number of approvals needed from each. */
  readonly asked: readonly string[];
  readonly needed: number;
  readonly approvals: readonly { readonly userId: string; readonly at: Date }[];
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** The outcome, for people to read: the reason of a rejection, or which projects couldn't be moved. */
  readonly outcome: string | null;
  readonly remindAt: Date | null;
  readonly expiresAt: Date;
  readonly copies: readonly MoveCopy[];
  /** Incremented with every change; `unshown` is set while a message doesn't show it yet. */
  readonly version: number;
  readonly unshown?: true;
}

/** Marks a project as having a pending request, of which there can be only one. */
export interface OpenMoveDoc {
  /** The project's ID. */
  readonly _id: string;
  readonly accountId: string;
  readonly requestId: string;
}

const { Schema } = mongoose;
const anything = { type: Schema.Types.Mixed, required: true } as const;

const moveSchema = new Schema<MoveDoc>(
  {
    _id: text,
    accountId: text,
    projects: anything,
    toGroupId: text,
    effect: text,
    effectAt: instant,
    wantedAt: { type: Date },
    reason: anyText,
    facts: { type: Schema.Types.Mixed },
    factsAt: { type: Date },
    askedBy: text,
    askedAt: instant,
    state: text,
    asked: { type: [String], required: true },
    needed: count,
    approvals: { type: Schema.Types.Mixed, default: [] },
    decidedBy: maybeText,
    decidedAt: maybeInstant,
    outcome: maybeText,
    remindAt: maybeInstant,
    expiresAt: instant,
    copies: { type: Schema.Types.Mixed, default: [] },
    version: count,
    unshown: { type: Boolean },
  },
  { collection: 'move_requests', versionKey: false },
)
  .index({ accountId: 1, state: 1, askedAt: -1 }, { name: 'moves_of_account' })
  .index({ accountId: 1, _id: 1 }, { name: 'moves_by_id' })
  .index({ accountId: 1, askedBy: 1 }, { name: 'moves_of_requester' })
  .index({ state: 1, expiresAt: 1 }, { name: 'moves_to_expire' })
  .index({ state: 1, remindAt: 1 }, { name: 'moves_to_remind' })
  .index({ unshown: 1 }, { name: 'moves_unshown', partialFilterExpression: { unshown: true } });

const openMoveSchema = new Schema<OpenMoveDoc>(
  { _id: text, accountId: text, requestId: text },
  { collection: 'open_moves', versionKey: false },
).index({ accountId: 1, requestId: 1 }, { name: 'open_moves_by_request' });

export const Moves = mongoose.model('MoveRequest', moveSchema);
export const OpenMoves = mongoose.model('OpenMove', openMoveSchema);

/** The versions of an account's pending requests. */
export async function openMoveVersions(accountId: string): Promise<number[]> {
  return (await Moves.find({ accountId, state: 'open' }, { version: 1 }).lean()).map(({ version }) => version);
}
