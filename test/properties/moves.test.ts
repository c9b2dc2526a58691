import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { useDatabase } from '../support/database/database.ts';
import { type Made, Model, type Step, step } from '../support/moves/move-model.ts';
import { World } from '../support/moves/move-story.ts';

useDatabase(migrate);

const RUNS = Number(process.env.PROPERTY_RUNS ?? 8);
const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);

/** Steps that are taken at the same time. After them everything must be consistent. */
class AtOnce implements fc.AsyncCommand<Model, World> {
  private readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    const taken = await Promise.allSettled(this.steps.map((one) => world.take(one)));
    const made: Made[] = [];
    for (const one of taken) {
      if (one.status === 'rejected') throw one.reason;
      if (one.value) made.push(one.value);
    }
    const actual = await world.timelines();
    for (const [id, line] of actual) if (!model.timelines.has(id)) model.timelines.set(id, line.slice(0, 1));
    model.apply(made, actual);
    expect(Object.fromEntries(model.timelines)).toEqual(Object.fromEntries(actual));
    await world.checkRequests(model);
    await world.checkMoney(model);
  }

  toString(): string {
    return this.steps.map((one) => JSON.stringify(one)).join(' & ');
  }
}

it(`whatever people do, in any order and at once: one open membership, no gap, every cost on one invoice (seed ${SEED})`, async () => {
  const together = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => new AtOnce(steps));
  const stories = fc.commands([together], { maxCommands: 18, size: '+1' });
  const run = async (story: Iterable<fc.AsyncCommand<Model, World>>) => {
    const real = await World.make();
    const model = new Model();
    model.timelines = await real.timelines();
    await fc.asyncModelRun(() => ({ model, real }), story);
  };
  await fc.assert(fc.asyncProperty(stories, run), { numRuns: RUNS, seed: SEED, endOnFailure: true });
}, 600_000);
