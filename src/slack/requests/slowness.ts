import { FINISHED, SLOW } from './explain.ts';
import type { Work } from './request-context.ts';
import { tell } from './tell.ts';

/**
 * Carries out a request, and informs the person when it takes long (such as while the database doesn't respond) and
 * that it was done, if nothing else does. The caller reports failures. Nothing is shown for events and menus, which
 * nobody waits for.
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
    // in this order, so that the outcome is shown last
    await telling;
  }
  // the notice itself counts as an answer
  if (telling && work.answers <= answersBefore + 1) await tell(work, FINISHED);
}

/** Shows it in the waiting modal, or else in a message: a form that is being filled in isn't changed. */
async function tellSlow(work: Work): Promise<void> {
  const { kind } = work.source;
  if (kind === 'event' || kind === 'options' || kind === 'closed') return;
  if (work.shown) return tell(work, SLOW);
  try {
    await work.notify({ text: SLOW.text });
  } catch (error) {
    work.context.log.warn({ err: error }, 'the delay could not be reported to the person');
  }
}
