import { FINISHED, SLOW } from './explain.ts';
import type { Work } from './request-context.ts';
import { tell } from './tell.ts';

/**
 * Carries out a request, and informs the person when it takes long (such as while the database doesn't respond) and
 * that it was done, if nothing else does. The caller reports failures. Nothing is shown for events and menus, which
 * nobody waits for.
 */
export async function reportingSlowness(work: Work, slowMs: number, run: () => Promise<void>): Promise<void> {
  let telling: Promise<boolean> | undefined;
  let isTold = false;
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
    isTold = (await telling) ?? false;
  }
  // the notice itself counts as an answer
  if (isTold && work.answers <= answersBefore + 1) await tell(work, FINISHED);
}

/**
 * Shows it in the waiting modal, or else in a message: a form that is being filled in isn't changed.
 *
 * @returns whether somebody is waiting, who is therefore told at the end as well
 */
async function tellSlow(work: Work): Promise<boolean> {
  const { kind } = work.source;
  if (kind === 'event' || kind === 'options' || kind === 'closed') return false;
  if (work.shown) {
    await tell(work, SLOW);
    return true;
  }
  try {
    await work.notify({ text: SLOW.text });
  } catch (error) {
    work.context.log.warn({ err: error }, 'the delay could not be reported to the person');
  }
  return true;
}
