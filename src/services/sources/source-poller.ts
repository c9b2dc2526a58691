import { dueSources, postponeSources } from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { dueInReach, OUT_OF_REACH_MS } from '../background/due-in-reach.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { Slots } from '../background/slots.ts';
import { inTurn } from '../background/turns.ts';
import type { Ctx } from '../kit/context.ts';
import { type RunOptions, runSource } from './source-run.ts';
import type { SourceTools } from './source-storage.ts';

/** How many sources one process reads in parallel. Most of the time, each waits for its server. */
const AT_ONCE = 8;
/** How many of them are of one account, so that slow servers of one don't delay the sources of others. */
const AT_ONCE_OF_ACCOUNT = 2;
/** How many due sources are looked at together. */
const MOST_DUE = 1_000;

type Reach = (sources: readonly SourceDoc[]) => Promise<readonly SourceDoc[]>;

const READING: Loop<SourceDoc> = {
  kind: 'source',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  what: 'read a source of costs',
};

/**
 * Reads the sources that are due, in parallel and without waiting for each other: a server that doesn't answer only
 * delays its own source.
 */
export class SourcePoller {
  private readonly tools: SourceTools;
  private readonly options: RunOptions;
  private readonly inReach: Reach;
  private readonly running = new Map<string, Promise<void>>();
  /** How many are running of each account. */
  private readonly ofAccounts = new Map<string, number>();
  private readonly slots = new Slots(AT_ONCE);
  private isStopped = false;

  /** @param inReach the sources that may be read: not those of workspaces that uninstalled the app */
  constructor(tools: SourceTools, options: RunOptions = {}, inReach: Reach = async (sources) => sources) {
    this.tools = tools;
    this.inReach = inReach;
    this.options = options;
  }

  /** Starts reading all due sources, without waiting for it. Safe to call at any time. */
  async poke(ctx: Ctx): Promise<void> {
    const now = ctx.clock.now();
    const due = await dueInReach({
      ...{ due: () => dueSources(now, MOST_DUE), limit: MOST_DUE, inReach: this.inReach },
      postpone: (others) => postponeSources(others, now, new Date(now.getTime() + OUT_OF_REACH_MS)),
    });
    for await (const source of inTurn('sources', due, ({ accountId }) => accountId)) this.start(ctx, source);
  }

  /** Resolves when no source is being read. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Waits for sources that are being read, and reads no more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.idle();
  }

  private start(ctx: Ctx, source: SourceDoc): void {
    const { _id: id, accountId } = source;
    const others = this.ofAccounts.get(accountId) ?? 0;
    // the next tick tries again
    if (this.isStopped || this.running.has(id) || others >= AT_ONCE_OF_ACCOUNT) return;
    this.ofAccounts.set(accountId, others + 1);
    const run = this.slots
      .run(async () => {
        if (this.isStopped) return;
        await eachOfAll(ctx, READING, [source], (one) => runSource(ctx, this.tools, one, this.options));
      })
      // stored, or without a database in the log, by the loop
      .catch((error: unknown) => ctx.log.warn({ sourceId: id, err: error }, 'a source could not be read'))
      .finally(() => {
        this.running.delete(id);
        this.release(accountId);
      });
    this.running.set(id, run);
  }

  private release(accountId: string): void {
    const left = (this.ofAccounts.get(accountId) ?? 1) - 1;
    if (left > 0) this.ofAccounts.set(accountId, left);
    else this.ofAccounts.delete(accountId);
  }
}
