import { approvalsChannelOf } from '../src/services/accounts.ts';
import type { Ctx } from '../src/services/context.ts';
import { tendMoves } from '../src/services/move-decide.ts';
import { approversOf, type MoveSummary, markShown, noteCopies, unshownMoves } from '../src/services/move-read.ts';
import { type Messenger, refusalOf } from '../src/slack/messenger.ts';
import { moveOutcomeMessage, moveReminderMessage, moveRequestMessage } from '../views/move-request.ts';
import type { Job } from './ticks.ts';

const BATCH = 50;
/** As many approvers are asked directly. */
const MOST_ASKED = 25;

type Copy = MoveSummary['copies'][number];

/** Asks approvers, shows everywhere what a request has come to, reminds, and ends what nobody decided. */
export function movesJob(messenger: Messenger): Job {
  return {
    name: 'moves',
    everyMs: 10_000,
    async run(ctx) {
      await tendMoves(ctx);
      for (const move of await unshownMoves(BATCH)) await show(ctx, messenger, move);
    },
  };
}

/** Each step can be repeated: messages are looked for by their keys, and an update says the same again. */
async function show(ctx: Ctx, messenger: Messenger, move: MoveSummary): Promise<void> {
  try {
    const isOpen = move.state === 'open';
    const copies = move.copies.length === 0 && isOpen ? await askApprovers(messenger, move) : move.copies;
    for (const copy of copies) await bringUpToDate(ctx, messenger, move, copy);
    const isOwn = move.decidedBy === move.askedBy;
    if (!isOpen && !isOwn) await tellAsker(messenger, move);
    await markShown(move._id, move.version);
  } catch (error) {
    ctx.log.warn({ requestId: move._id, err: error }, 'a request could not be shown; the next tick tries again');
  }
}

async function askApprovers(messenger: Messenger, move: MoveSummary): Promise<Copy[]> {
  const channel = await approvalsChannelOf(move.accountId);
  const inChannel = channel === undefined ? undefined : await askIn(messenger, move, channel);
  const copies = inChannel ?? (await askEach(messenger, move));
  await noteCopies(move._id, copies);
  return copies;
}

/** @returns undefined when the channel takes nothing: then approvers are asked directly */
async function askIn(messenger: Messenger, move: MoveSummary, channelId: string): Promise<Copy[] | undefined> {
  try {
    return [{ channelId, ts: await messenger.post({ channelId }, moveRequestMessage(move), `move:${move._id}`, true) }];
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return undefined;
  }
}

async function askEach(messenger: Messenger, move: MoveSummary): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const userId of (await approversOf(move)).slice(0, MOST_ASKED)) {
    const asked = await askIn(messenger, move, await messenger.directMessages(userId));
    copies.push(...(asked ?? []));
  }
  return copies;
}

async function bringUpToDate(ctx: Ctx, messenger: Messenger, move: MoveSummary, copy: Copy): Promise<void> {
  try {
    if (move.version > 1) await messenger.update(copy, moveRequestMessage(move));
    const wasReminded = move.state === 'open' && move.remindAt === null;
    if (wasReminded) {
      const thread = { channelId: copy.channelId, threadTs: copy.ts };
      await messenger.post(thread, moveReminderMessage(move), `move:${move._id}:reminder`, true);
    }
  } catch (error) {
    // a message or channel that is gone has nobody left to be shown anything
    if (refusalOf(error) === undefined) throw error;
    ctx.log.info({ requestId: move._id, err: error }, 'a copy of a request is gone');
  }
}

async function tellAsker(messenger: Messenger, move: MoveSummary): Promise<void> {
  if (!/^[UW]/.test(move.askedBy)) return;
  const channelId = await messenger.directMessages(move.askedBy);
  await messenger.post({ channelId }, moveOutcomeMessage(move), `move:${move._id}:${move.state}`, true);
}
