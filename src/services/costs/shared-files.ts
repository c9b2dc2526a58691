import {
  deleteSharedFiles,
  eachUnansweredFile,
  isShared,
  markAnswered,
  noteSharedFile,
  type SharedFileDoc,
  teamsWithUnansweredFiles,
} from '../../store/costs/shared-files.ts';
import { Hold } from '../background/held-lease.ts';
import type { Ctx } from '../kit/context.ts';

/** A file that was shared in Slack. */
export type SharedFile = Pick<SharedFileDoc, 'teamId' | 'channelId' | 'userId' | 'fileId' | 'eventTs'>;
/** The same as stored while it is waiting for a reply. */
export type WaitingFile = SharedFile & { readonly id: string };

/** Renewed while it is processed. If the process is killed, a file waits this long. */
const LEASE_MS = 10_000;
/** After this time, in milliseconds, people no longer expect a reply. */
const KEPT_MS = 86_400_000;

/**
 * Records that a file was shared, before anything else is done. It stays pending until the app has replied. Safe to
 * repeat.
 */
export async function awaitAnswer({ clock }: Pick<Ctx, 'clock'>, shared: SharedFile): Promise<void> {
  const { id } = waitingFile(shared);
  await noteSharedFile({ _id: id, ...shared, at: clock.now() });
}

/** A shared file, by the ID under which it is stored. */
export function waitingFile(shared: SharedFile): WaitingFile {
  const { teamId, channelId, fileId, eventTs } = shared;
  return { id: `${teamId} ${channelId} ${fileId} ${eventTs}`, ...shared };
}

/** The workspaces with files that are waiting for a reply. Those that nobody waits for any longer are deleted. */
export async function teamsAwaitingAnswers(ctx: Ctx): Promise<ReadonlySet<string>> {
  await deleteSharedFiles(new Date(ctx.clock.now().getTime() - KEPT_MS));
  return new Set(await teamsWithUnansweredFiles());
}

/** All files of some workspaces that are waiting for a reply, oldest first. */
export async function* unansweredFiles(teamIds: Iterable<string>): AsyncGenerator<WaitingFile> {
  for await (const file of eachUnansweredFile([...teamIds])) {
    const { _id: id, teamId, channelId, userId, fileId, eventTs } = file;
    yield { id, teamId, channelId, userId, fileId, eventTs };
  }
}

/**
 * Replies to a pending file, in one process at a time. It stays pending if `answer` throws or returns false, for at
 * most a day.
 */
export async function answerFile({ id }: WaitingFile, answer: () => Promise<boolean>): Promise<void> {
  await alone(`shared-file:${id}`, async () => {
    if (!(await isShared(id))) return;
    if (await answer()) await markAnswered(id);
  });
}

/** Does something in one process at a time. @returns undefined if another process is doing it */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  const hold = await Hold.claim(name, LEASE_MS);
  if (!hold) return undefined;
  try {
    return await work();
  } finally {
    await hold.free();
  }
}
