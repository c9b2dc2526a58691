import type { types } from '@slack/bolt';
import { REPEATED } from '../requests/explain.ts';
import type { Work } from '../requests/request-context.ts';
import { tell } from '../requests/tell.ts';

/** So many requests are remembered with their answers. */
const MOST = 1_000;

/** A run of a request that was carried out, and what its modal shows since then. */
interface Outcome {
  readonly view: types.ModalView | undefined;
}

interface Run {
  readonly by: string;
  /** Undefined when nothing was carried out. */
  readonly outcome: Promise<Outcome | undefined>;
}

/** What is the same for the same request of a person, and different for any other. */
export function keyOf({ source, context }: Work): string {
  const { kind, name, key = context.requestId } = source;
  return [context.teamId, context.userId, kind, name, key].join(' ');
}

/** What the requests of this process came to, so that one which is sent again gets the same answer. */
export class Repeats {
  /** The runs of each, the oldest request first. */
  private readonly runs = new Map<string, readonly Run[]>();

  /**
   * Carries out a request, which is remembered with what its modal shows in the end.
   *
   * @param carryOut says whether it changed something
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
   * Answers a request that was carried out by another run: its modal shows again what it showed then. Where that was
   * another process's the person is told that nothing was done twice.
   */
  async answer(work: Work): Promise<void> {
    const others = (this.runs.get(keyOf(work)) ?? []).filter(({ by }) => by !== work.context.requestId);
    const outcomes = await Promise.all(others.map(({ outcome }) => outcome));
    const found = outcomes.find((outcome) => outcome !== undefined);
    if (!found) return tell(work, REPEATED);
    if (!work.shown || !found.view) return;
    try {
      await work.context.client.views.update({ ...work.shown, view: found.view });
    } catch (error) {
      work.context.log.info({ err: error }, 'a view was not taken; it may have been closed');
    }
  }

  private remember(key: string, run: Run): void {
    this.runs.set(key, [...(this.runs.get(key) ?? []), run]);
    const [oldest] = this.runs.keys();
    if (this.runs.size > MOST && oldest !== undefined) this.runs.delete(oldest);
  }
}
