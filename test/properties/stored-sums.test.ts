import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EFFECTS } from '../../src/billing/move/move.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { fillSums } from '../../src/services/costs/load-sums.ts';
import { cancelReplacement, confirmReplacement, undoReplacement } from '../../src/services/costs/replacement-decide.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { closeDue } from '../../src/services/invoicing/close.ts';
import { askMove } from '../../src/services/moves/move-ask.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Imports } from '../../src/store/costs/imports.ts';
import { Groups, Projects } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { expectNoLostSums, expectSumsOfRecords, expectTagsOfRecords } from '../support/costs/sums.ts';
import { useDatabase } from '../support/database/database.ts';
import { FOCUS_HEAD } from '../support/invoices/invoices.ts';
import { runs } from '../support/runs.ts';

useDatabase(migrate);

const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);
const DAY_MS = 86_400_000;
/** More digits than Decimal128 can add up. */
const LONG = ['123456789012345678901234567890.1234', '0.0000000000000000000000000000000007'];

const row = fc.record({
  amount: fc.oneof(
    fc.integer({ min: -5_000, max: 50_000 }).map((cents) => (cents / 100).toFixed(2)),
    fc.constantFrom(...LONG),
  ),
  source: fc.constantFrom('b1', 'b2'),
  currency: fc.constantFrom('EUR', 'EUR', 'USD'),
  service: fc.constantFrom('Compute', 'Storage'),
  project: fc.constantFrom('p1', 'p2', 'p3'),
  region: fc.constantFrom('', 'eu', 'us'),
  daysAgo: fc.integer({ min: 0, max: 70 }),
  tags: fc.dictionary(fc.constantFrom('app', 'env', 'team'), fc.constantFrom('x', 'y'), { noNullPrototype: true }),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

const rows = fc.array(row, { minLength: 1, maxLength: 7 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('import' as const), rows }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), rows }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replace' as const), rows, isAsked: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('broken' as const), rows, replace: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('confirm', 'cancel', 'undo'), at: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      at: fc.nat(9),
      to: fc.nat(9),
      effect: fc.constantFrom(...EFFECTS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 25 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'fill' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Story {
  readonly clock = new TestClock('2026-09-20T12:00:00Z');
  readonly ctx = contextAt(this.clock);
  accountId = '';
  private last: readonly string[] = [];

  async begin(): Promise<void> {
    this.accountId = (await anAccount(this.ctx, { currency: 'EUR', timeZone: 'Europe/Berlin' }))._id;
    await Accounts.updateOne({ _id: this.accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
    for (const name of ['A', 'B']) await createGroup(this.ctx, { accountId: this.accountId, name });
  }

  /** A refusal is an answer, too. */
  async take(one: Step): Promise<void> {
    try {
      await this.perform(one);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Broken)) throw error;
    }
  }

  private async perform(one: Step): Promise<void> {
    const { accountId, ctx } = this;
    switch (one.do) {
      case 'import':
        return this.load(
          one.rows.map((each) => this.text(each)),
          {},
        );
      case 'again':
        return this.load([...this.last, ...one.rows.map((each) => this.text(each))], {});
      case 'replace':
        return this.load(
          one.rows.map((each) => this.text(each)),
          {
            replace: true,
            confirmation: one.isAsked ? 'ask' : 'given',
          },
        );
      case 'broken':
        return this.load(
          one.rows.map((each) => this.text(each)),
          { replace: one.replace, isBroken: true },
        );
      case 'move': {
        const projects = await Projects.find({ accountId }).sort({ _id: 1 }).lean();
        const groups = await Groups.find({ accountId }).sort({ _id: 1 }).lean();
        const [project, group] = [projects[one.at % projects.length], groups[one.to % groups.length]];
        if (!project || !group) return;
        const move = { accountId, projectIds: [project._id], toGroupId: group._id, effect: one.effect, reason: '' };
        await askMove(ctx, move);
        return;
      }
      case 'wait':
        this.clock.set(new Date(this.clock.now().getTime() + one.days * DAY_MS).toISOString());
        return;
      case 'close':
        await closeDue(ctx);
        return;
      case 'fill':
        return fillSums(ctx);
      default:
        return this.decide(one.do, one.at);
    }
  }

  private async decide(how: string, at: number): Promise<void> {
    const { accountId, ctx } = this;
    const all = await Imports.find({ accountId, replace: true }).sort({ queuedAt: 1, _id: 1 }).lean();
    const importId = all[all.length - 1 - (at % Math.max(1, all.length))]?._id;
    if (importId === undefined) return;
    const name = { accountId, importId };
    if (how === 'confirm') await confirmReplacement(ctx, name);
    else if (how === 'cancel') await cancelReplacement(ctx, name);
    else await undoReplacement(ctx, name);
  }

  private async load(
    lines: readonly string[],
    how: { replace?: boolean; confirmation?: 'ask' | 'given'; isBroken?: boolean },
  ): Promise<void> {
    const { replace = false, confirmation = 'given', isBroken } = how;
    if (!replace) this.last = lines;
    const open = () => (isBroken ? brokenAfter(lines) : Readable.from([textOf(lines)]));
    const file = { accountId: this.accountId, fileName: 'x.csv', replace, confirmation, batchSize: 2, open };
    await importFocus(this.ctx, file);
  }

  private text({ amount, source, currency, service, project, region, daysAgo, tags }: Row): string {
    const day = new Date(this.clock.now().getTime() - daysAgo * DAY_MS).toISOString();
    const cell = `"${JSON.stringify(tags).replaceAll('"', '""')}"`;
    return `${source},${currency},${amount},Usage,${day},${day},${service},${project},cost,${region},${cell}`;
  }
}

class Broken extends Error {}

function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${[`${FOCUS_HEAD},RegionId,Tags`, ...lines].join('\n')}\n`);
}

/** The import ends in the middle, with what it has stored so far. */
async function* brokenAfter(lines: readonly string[]): AsyncGenerator<Buffer> {
  yield textOf(lines);
  throw new Broken();
}

it(`stored sums are those of the records after imports, replacements, moves and closes in any order (seed ${SEED})`, async () => {
  const run = async (steps: readonly Step[]) => {
    const story = new Story();
    await story.begin();
    for (const one of steps) {
      await story.take(one);
      await expectSumsOfRecords(story.accountId);
      await expectNoLostSums(story.accountId);
    }
    await fillSums(story.ctx);
    expect(await expectSumsOfRecords(story.accountId)).toMatchObject({ unsummed: 0 });
    await expectTagsOfRecords(story.accountId);
  };
  const stories = fc.array(step, { minLength: 3, maxLength: 14 });
  await fc.assert(fc.asyncProperty(stories, run), { numRuns: runs(8), seed: SEED, endOnFailure: true });
}, 600_000);
