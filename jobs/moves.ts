import { eachOfAll, eachStep, type Loop } from '../src/services/background/each-of-all.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import {
  accountsWithUnshownMoves,
  approvalsChannelFor,
  approversOf,
  holdMove,
  type MoveId,
  type MoveSummary,
  markShown,
  moveSeenBy,
  noteCopies,
  noteCopy,
  unshownMoves,
} from '../src/services/moves/move-read.ts';
import { tendMoves } from '../src/services/moves/move-tend.ts';
import { TOKEN_WORDS } from '../src/services/notices/courier.ts';
import { permanentErrorOf } from '../src/slack/web-api/api-errors.ts';
import type { Message, Messenger } from '../src/slack/web-api/messenger.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { isPerson } from '../views/kit/person.ts';
import { moveOutcomeMessage, moveReminderMessage, moveRequestMessage } from '../views/moves/move-request.ts';
import { accountsInReach, messengerFor } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';
import { namedMessage } from './kit/named-message.ts';
import { findPosted, postOnce } from './kit/post-once.ts';

const BATCH = 50;
/** How many approvers are asked directly. */
const MOST_ASKED = 25;
const SHOWING: Loop<MoveId> = {
  kind: 'move',
  whole: 'everywhere',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  what: 'show a move request in Slack',
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};

type Copy = MoveSummary['copies'][number];

/** A request whose messages only one process handles at a time. */
interface Turn {
  readonly ctx: Ctx;
  readonly messenger: Messenger;
  readonly move: MoveSummary;
  /** Called before each call to Slack. @throws {Error} if another process has the turn by now */
  readonly hold: () => Promise<void>;
}

/** Asks approvers, shows each request's state everywhere, sends reminders, and ends undecided requests. */
export function movesJob(messengers: Messengers): Job {
  return {
    name: 'moves',
    does: 'asks approvers, updates requests in Slack, sends reminders, expires undecided requests',
    everyMs: 10_000,
    concurrency: 'each process',
    missed: 'everything due in the meantime is sent or expired, once each',
    async run(ctx) {
      await eachStep(ctx, {
        'end and remind': () => tendMoves(ctx),
        show: async () => {
          const accountIds = await accountsInReach(messengers, await accountsWithUnshownMoves());
          await eachOfAll(ctx, SHOWING, unshownMoves([...accountIds]), (named) =>
            holdMove(named, async (move, hold) => {
              const messenger = await messengerFor(messengers, move.accountId);
              await show({ ctx, messenger, move, hold });
            }),
          );
        },
      });
    },
  };
}

/**
 * Each step can be repeated: a message's place is recorded before it is sent, a message that may have been sent is
 * looked for by its key, and an update repeats the same content. A failing copy doesn't keep others from being updated.
 * The request counts as shown once all are.
 */
async function show(turn: Turn): Promise<void> {
  const { move } = turn;
  const copies = move.state === 'open' ? await ask(turn) : await findAll(turn);
  if (!copies) return;
  const { waiting } = await eachCopy(turn, 'move-update', copies, (copy) => bringUpToDate(turn, copy));
  if (waiting > 0) return;
  if (move.state !== 'open' && move.decidedBy !== move.askedBy) await tellAsker(turn);
  await markShown(move);
}

/** Handles each of a request's messages separately. @returns how many are not due, since they failed before */
function eachCopy<T extends Pick<Copy, 'channelId'>>(
  { ctx, move }: Turn,
  kind: string,
  copies: readonly T[],
  work: (copy: T) => Promise<void>,
): Promise<{ readonly waiting: number }> {
  const loop: Loop<T> = {
    kind,
    name: ({ channelId }) => ({ id: `${move._id}:${channelId}`, accountId: move.accountId }),
  };
  return eachOfAll(ctx, loop, copies, work);
}

/** Posts the request where it is missing: in the account's channel, or else to each approver directly. */
async function ask(turn: Turn): Promise<Copy[] | undefined> {
  const { copies: planned } = turn.move;
  if (planned.length > 0) return postAll(turn, planned);
  const channelId = await approvalsChannelFor(turn.move);
  const inChannel = channelId === undefined ? [] : await postAll(turn, await plan(turn, [{ channelId }]));
  // a channel that doesn't accept messages must not keep approvers from being asked
  return inChannel?.length === 0 ? postAll(turn, await plan(turn, await directPlaces(turn))) : inChannel;
}

async function plan({ move }: Turn, places: readonly Omit<Copy, 'ts'>[]): Promise<Copy[]> {
  const copies = places.map((place) => ({ ...place, ts: null }));
  await noteCopies(move, copies);
  return copies;
}

async function directPlaces(turn: Turn): Promise<Omit<Copy, 'ts'>[]> {
  const { ctx, move } = turn;
  const places: Omit<Copy, 'ts'>[] = [];
  const loop: Loop<string> = {
    kind: 'move-approver',
    name: (userId) => ({ id: `${move._id}:${userId}`, accountId: move.accountId }),
  };
  await eachOfAll(ctx, loop, (await approversOf(move)).slice(0, MOST_ASKED), async (userId) => {
    const channelId = await unlessRefused(turn, () => turn.messenger.directMessages(userId));
    if (channelId !== undefined) places.push({ channelId, userId });
  });
  return places;
}

/** @returns those that are posted; undefined while some have failed and are not due again */
async function postAll(turn: Turn, planned: readonly Copy[]): Promise<Copy[] | undefined> {
  const { ctx, messenger, move } = turn;
  if (planned.every(({ ts }) => ts !== null)) return [...planned];
  const copies: Copy[] = [];
  const { waiting } = await eachCopy(turn, 'move-message', planned, async (copy) => {
    const { channelId, ts } = copy;
    const message = await requestMessage(turn, copy);
    const post = () => postOnce(ctx, messenger, { channelId }, message, keyOf(move));
    const at = ts ?? (await unlessRefused(turn, post));
    if (at === undefined) return;
    copies.push({ ...copy, ts: at });
    if (ts === null) await noteCopy(move, { channelId, ts: at });
  });
  if (waiting > 0) return undefined;
  await noteCopies(move, copies);
  return copies;
}

/** The messages of a decided request, including one that was being sent when a process was killed. */
async function findAll(turn: Turn): Promise<Copy[] | undefined> {
  const { ctx, messenger, move } = turn;
  const copies: Copy[] = [];
  const { waiting } = await eachCopy(turn, 'move-message', move.copies, async (copy) => {
    const { channelId, ts } = copy;
    const at = ts ?? (await unlessRefused(turn, () => findPosted(ctx, messenger, { channelId }, keyOf(move))));
    if (at !== undefined) copies.push({ ...copy, ts: at });
  });
  return waiting > 0 ? undefined : copies;
}

async function bringUpToDate(turn: Turn, copy: Copy): Promise<void> {
  const { ctx, messenger, move } = turn;
  const { channelId, ts } = copy;
  if (ts === null) return;
  if (move.version > 1) {
    const message = await requestMessage(turn, copy);
    await unlessRefused(turn, () => messenger.update({ channelId, ts }, message));
  }
  if (move.state !== 'open' || move.remindAt !== null) return;
  const thread = { channelId, threadTs: ts };
  const key = `${keyOf(move)}:reminder`;
  const message = await namedMessage(move.accountId, moveReminderMessage(await moveSeenBy(ctx, move, copy.userId)));
  await unlessRefused(turn, () => postOnce(ctx, messenger, thread, message, key));
}

async function tellAsker(turn: Turn): Promise<void> {
  const { ctx, messenger, move } = turn;
  if (!isPerson(move.askedBy)) return;
  const channelId = await unlessRefused(turn, () => messenger.directMessages(move.askedBy));
  if (channelId === undefined) return;
  const key = `${keyOf(move)}:${move.state}`;
  const message = await namedMessage(move.accountId, moveOutcomeMessage(await moveSeenBy(ctx, move, move.askedBy)));
  await unlessRefused(turn, () => postOnce(ctx, messenger, { channelId }, message, key));
}

/** Skips what Slack rejects permanently (a person, channel or message that no longer exists). */
async function unlessRefused<T>({ ctx, move, hold }: Turn, call: () => Promise<T>): Promise<T | undefined> {
  await hold();
  try {
    return await call();
  } catch (error) {
    const word = permanentErrorOf(error);
    if (word === undefined || TOKEN_WORDS.includes(word)) throw error;
    ctx.log.warn({ requestId: move._id, word }, 'Slack rejected a message about a move request');
    return undefined;
  }
}

async function requestMessage({ ctx, move }: Turn, { userId }: Copy): Promise<Message> {
  return namedMessage(move.accountId, moveRequestMessage(await moveSeenBy(ctx, move, userId)));
}

function keyOf(move: MoveSummary): string {
  return `move:${move._id}`;
}
