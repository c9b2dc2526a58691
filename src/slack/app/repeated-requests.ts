import type { types } from '@slack/bolt';
import { REPEATED } from '../requests/explain.ts';
import type { Work } from '../requests/request-context.ts';
import { tell } from '../requests/tell.ts';

/** How many requests are remembered with their answers. */
const MAX_REMEMBERED = 1_000;

/** A run of a request that was carried out, and what its modal has shown since. */
interface Outcome {
  readonly view: types.ModalView | undefined;
}

interface Run {
  readonly by: string;
  /** Undefined when nothing was carried out. */
  readonly outcome: Promise<Outcome | undefined>;
}

/** How the person was answered; undefined if that failed, so that the same request can be carried out again. */
type Answered = Promise<Outcome | undefined>;

/** The same for repetitions of a person's request, and different for any other. */
export function keyOf({ source, context }: Work): string {
  const { kind, name, key = context.requestId } = source;
  return [context.teamId, context.userId, kind, name, key].join(' ');
}

/** The outcomes of this process's requests, so that a repeated one gets the same answer. */
export class Repeats {
  /** Deliveries, the oldest first. */
  private readonly delivered = new Map<string, Answered>();
  /** The runs of each request, the oldest request first. */
  private readonly runs = new Map<string, readonly Run[]>();

  /**
   * Handles a request. If the same request is delivered again, it waits for the first and isn't handled: its modal
   * shows the outcome again.
   *
   * @param handle returns whether the person has their answer; after a failure the next delivery is handled
   */
  async once(work: Work, handle: () => Promise<boolean>): Promise<void> {
    const key = deliveryOf(work);
    if (key === undefined) {
      await handle();
      return;
    }
    const before = this.delivered.get(key);
    let isHandled = false;
    const answered = (async () => {
      const earlier = await before;
      if (earlier) return earlier;
      isHandled = true;
      return (await handle()) ? { view: work.answer } : undefined;
    })();
    this.delivered.set(key, answered);
    forgetOldest(this.delivered);
    const outcome = await answered;
    if (isHandled || !outcome) return;
    work.context.log.info('Slack delivered this again. It was skipped');
    await showAgain(work, (await this.changeOf(work)) ?? outcome);
  }

  /**
   * Carries out a request and remembers it with what its modal finally shows.
   *
   * @param carryOut returns whether it changed something
   */
  async during(work: Work, carryOut: () => Promise<boolean>): Promise<void> {
    const done = carryOut();
    const outcome = done.then(
      (isChanged) => (isChanged ? { view: work.answer } : undefined),
      () => undefined,
    );
    this.remember(keyOf(work), { by: work.context.requestId, outcome });
    await done;
  }

  /**
   * Answers a request that another run carried out: its modal shows the outcome again. If that was another process, the
   * person gets a message that nothing was done twice.
   */
  async answer(work: Work): Promise<void> {
    const found = await this.changeOf(work);
    if (found) await showAgain(work, found);
    else await tell(work, REPEATED);
  }

  /** The outcome of the request's other run in this process. */
  private async changeOf(work: Work): Promise<Outcome | undefined> {
    const others = (this.runs.get(keyOf(work)) ?? []).filter(({ by }) => by !== work.context.requestId);
    const outcomes = await Promise.all(others.map(({ outcome }) => outcome));
    return outcomes.find((outcome) => outcome !== undefined);
  }

  private remember(key: string, run: Run): void {
    this.runs.set(key, [...(this.runs.get(key) ?? []), run]);
    forgetOldest(this.runs);
  }
}

/** Identifies a delivery, in any process; undefined if every delivery counts. */
export function deliveryOf(work: Work): string | undefined {
  const { key, delivery = key, name, kind } = work.source;
  if (delivery === undefined || delivery === null) return undefined;
  return [work.context.teamId, work.context.userId, kind, name, delivery].join(' ');
}

async function showAgain(work: Work, { view }: Outcome): Promise<void> {
  if (!work.shown || !view) return;
  try {
    await work.context.client.views.update({ ...work.shown, view });
  } catch (error) {
    work.context.log.info({ err: error }, 'Slack rejected a view. It may have been closed');
  }
}

function forgetOldest(remembered: Map<string, unknown>): void {
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
