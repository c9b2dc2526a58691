import { FINISHED, SLOW } from './explain.ts';
import type { Work } from './request-context.ts';
import { tell } from './tell.ts';

/**
 * Does what was asked for, and tells the person when it takes long, such as while the database is silent, and that it was
 * done where nothing else tells so afterwards. What fails is for the caller to tell. Nothing is told of what nobody waits
 * for: events and menus.
 */
export async function reportingSlowness(work: Work, slowMs: number, run: () => Promise<void>): Promise<void> {
  let telling: Promise<void> | undefined;
  let answersBefore = 0;
  const timer = setTimeout(() => {
    answersBefore = work.answers;
    telling = tellSlow(work);
  }, slowMs);
  try {
    await run();
  } finally {
    clearTimeout(timer);
    // in this order, so that the outcome is what stands there in the end
    await telling;
  }
  // the notice itself is an answer
  if (telling && work.answers <= answersBefore + 1) await tell(work, FINISHED);
}

/** In the modal that waits, else by message: a form that is being filled in is not touched. */
async function tellSlow(work: Work): Promise<void> {
  const { kind } = work.source;
  if (kind === 'event' || kind === 'options' || kind === 'closed') return;
  if (work.shown) return tell(work, SLOW);
  try {
    await work.context.respond({ text: SLOW.text });
  } catch (error) {
    work.context.log.warn({ err: error }, 'the delay could not be reported to the person');
  }
}
