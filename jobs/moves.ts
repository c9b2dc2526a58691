import { approvalsChannelOf } from '../src/services/accounts.ts';
import type { Ctx } from '../src/services/context.ts';
import {
  approversOf,
  holdMove,
  type MoveSummary,
  markShown,
  noteCopies,
  unshownMoves,
} from '../src/services/move-read.ts';
import { tendMoves } from '../src/services/move-tend.ts';
import { type Messenger, refusalOf } from '../src/slack/messenger.ts';
import { moveOutcomeMessage, moveReminderMessage, moveRequestMessage } from '../views/move-request.ts';
import { isPerson } from '../views/person.ts';
import type { Job } from './job.ts';

const BATCH = 50;
/** As many approvers are asked directly. */
const MOST_ASKED = 25;
/** Slack's words for what can be tried again; whatever else it refuses it would refuse again. */
const PASSING: readonly string[] = [
  'account_inactive',
  'fatal_error',
  'internal_error',
  'invalid_auth',
  'not_authed',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'token_expired',
  'token_revoked',
];

type Copy = MoveSummary['copies'][number];

/** A request whose messages one process alone sees to at present. */
interface Turn {
  readonly ctx: Ctx;
  readonly messenger: Messenger;
  readonly move: MoveSummary;
  /** Before each call to Slack. @throws {Error} when the turn is another's by now */
  readonly hold: () => Promise<void>;
}

/** Asks approvers, shows everywhere what a request has come to, reminds, and ends what nobody decided. */
export function movesJob(messenger: Messenger): Job {
  return {
    name: 'moves',
    does: 'asks approvers, shows what a request has come to, reminds, and ends what nobody decided',
    everyMs: 10_000,
    concurrency: 'each process',
    missed: 'what should have been said or ended meanwhile is said or ended then, each once',
    async run(ctx) {
      await tendMoves(ctx);
      for (const id of await unshownMoves(BATCH)) {
        await holdMove(id, (move, hold) => show({ ctx, messenger, move, hold }));
      }
    },
  };
}

/**
 * Each step can be repeated: where a message is to stand is noted before it is sent, one that may have been sent is looked
 * for by its key, and an update says the same again.
 */
async function show(turn: Turn): Promise<void> {
  const { ctx, move } = turn;
  try {
    const copies = move.state === 'open' ? await ask(turn) : await findAll(turn);
    for (const copy of copies) await bringUpToDate(turn, copy);
    if (move.state !== 'open' && move.decidedBy !== move.askedBy) await tellAsker(turn);
    await markShown(move._id, move.version);
  } catch (error) {
    ctx.log.warn({ requestId: move._id, err: error }, 'a request could not be shown; the next tick tries again');
  }
}

/** Puts the request where it does not stand yet: into the account's channel, else to each approver directly. */
async function ask(turn: Turn): Promise<Copy[]> {
  const { accountId, copies: planned } = turn.move;
  if (planned.length > 0) return postAll(turn, planned);
  const channelId = await approvalsChannelOf(accountId);
  const inChannel = channelId === undefined ? [] : await postAll(turn, await plan(turn, [channelId]));
  // a channel that takes nothing must not keep approvers from being asked
  return inChannel.length > 0 ? inChannel : postAll(turn, await plan(turn, await directChannels(turn)));
}

async function plan({ move }: Turn, channelIds: readonly string[]): Promise<Copy[]> {
  const copies = channelIds.map((channelId) => ({ channelId, ts: null }));
  await noteCopies(move._id, copies);
  return copies;
}

async function directChannels(turn: Turn): Promise<string[]> {
  const channels: string[] = [];
  for (const userId of (await approversOf(turn.move)).slice(0, MOST_ASKED)) {
    const channelId = await unlessRefused(turn, () => turn.messenger.directMessages(userId));
    if (channelId !== undefined) channels.push(channelId);
  }
  return channels;
}

async function postAll(turn: Turn, planned: readonly Copy[]): Promise<Copy[]> {
  const { messenger, move } = turn;
  if (planned.every(({ ts }) => ts !== null)) return [...planned];
  const message = moveRequestMessage(move);
  const copies: Copy[] = [];
  for (const { channelId, ts } of planned) {
    const at = ts ?? (await unlessRefused(turn, () => messenger.post({ channelId }, message, keyOf(move), true)));
    if (at !== undefined) copies.push({ channelId, ts: at });
  }
  await noteCopies(move._id, copies);
  return copies;
}

/** The messages of a request that is settled: one that was on its way when a process was killed may be there. */
async function findAll(turn: Turn): Promise<Copy[]> {
  const { messenger, move } = turn;
  const copies: Copy[] = [];
  for (const { channelId, ts } of move.copies) {
    const at = ts ?? (await unlessRefused(turn, () => messenger.sent({ channelId }, keyOf(move))));
    if (at !== undefined) copies.push({ channelId, ts: at });
  }
  return copies;
}

async function bringUpToDate(turn: Turn, { channelId, ts }: Copy): Promise<void> {
  const { messenger, move } = turn;
  if (ts === null) return;
  if (move.version > 1) {
    await unlessRefused(turn, () => messenger.update({ channelId, ts }, moveRequestMessage(move)));
  }
  if (move.state !== 'open' || move.remindAt !== null) return;
  const thread = { channelId, threadTs: ts };
  const key = `${keyOf(move)}:reminder`;
  await unlessRefused(turn, () => messenger.post(thread, moveReminderMessage(move), key, true));
}

async function tellAsker(turn: Turn): Promise<void> {
  const { messenger, move } = turn;
  if (!isPerson(move.askedBy)) return;
  const channelId = await unlessRefused(turn, () => messenger.directMessages(move.askedBy));
  if (channelId === undefined) return;
  const key = `${keyOf(move)}:${move.state}`;
  await unlessRefused(turn, () => messenger.post({ channelId }, moveOutcomeMessage(move), key, true));
}

/** What Slack refuses for good (a person, channel or message that is gone) is passed over: nobody is left to be told. */
async function unlessRefused<T>({ ctx, move, hold }: Turn, call: () => Promise<T>): Promise<T | undefined> {
  await hold();
  try {
    return await call();
  } catch (error) {
    const word = refusalOf(error);
    if (word === undefined || PASSING.includes(word)) throw error;
    ctx.log.warn({ requestId: move._id, word }, 'a message about a request was refused');
    return undefined;
  }
}

function keyOf(move: MoveSummary): string {
  return `move:${move._id}`;
}
