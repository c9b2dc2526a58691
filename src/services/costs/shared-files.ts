import {
  isShared,
  markAnswered,
  noteSharedFile,
  type SharedFileDoc,
  sharedFiles,
} from '../../store/costs/shared-files.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';

/** A file that somebody has shared in Slack. */
export type SharedFile = Pick<SharedFileDoc, 'teamId' | 'channelId' | 'userId' | 'fileId' | 'eventTs'>;
/** The same as it waits for its answer. */
export type WaitingFile = SharedFile & { readonly id: string };

/** Held for longer while it lasts; for so long a file waits when its process is killed. */
const LEASE_MS = 10_000;
/** Who shared a file longer ago expects no answer any more, in milliseconds. */
const KEPT_MS = 86_400_000;

/** Notes that a file was shared, before anything else is done about it: it waits until it is answered. Safe to repeat. */
export async function awaitAnswer({ clock }: Pick<Ctx, 'clock'>, shared: SharedFile): Promise<void> {
  const { id } = waitingFile(shared);
  await noteSharedFile({ _id: id, ...shared, at: clock.now() });
}

/** A file that was shared, by the name under which it waits. */
export function waitingFile(shared: SharedFile): WaitingFile {
  return { id: `${shared.channelId} ${shared.fileId} ${shared.eventTs}`, ...shared };
}

/** Files that wait for an answer, the oldest first. */
export async function unansweredFiles(ctx: Ctx, limit: number): Promise<WaitingFile[]> {
  const since = new Date(ctx.clock.now().getTime() - KEPT_MS);
  return (await sharedFiles(since, limit)).map(({ _id: id, teamId, channelId, userId, fileId, eventTs }) => ({
    ...{ id, teamId, channelId, userId, fileId, eventTs },
  }));
}

/**
 * Answers a file that waits, in one process at a time; it goes on waiting when `answer` throws or gives false, for a day
 * at most.
 */
export async function answerFile({ id }: WaitingFile, answer: () => Promise<boolean>): Promise<void> {
  await alone(`shared-file:${id}`, async () => {
    if (!(await isShared(id))) return;
    if (await answer()) await markAnswered(id);
  });
}

/** Does something in one process at a time. @returns undefined while another process does the same */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  const hold = await Hold.claim(name, LEASE_MS);
  if (!hold) return undefined;
  try {
    return await work();
  } finally {
    await hold.free();
  }
}
