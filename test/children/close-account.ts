// Closes a month of every group in an account, and prints how long that took (s) and its peak memory (MB).
import { toPeriod } from '../../src/billing/period/period.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { closeTogether } from '../../src/services/invoicing/close-together.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { groupsToClose } from '../../src/store/groups/group-reads.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = '', accountId = '', period = ''] = process.argv.slice(2);
const ctx: Ctx = {
  clock: { now: () => new Date() },
  log: silentLogger(),
  actor: { kind: 'automation' },
  nudge: () => undefined,
};

await connectStore(uri);
const due = toPeriod(period);
const groups = await groupsToClose(accountId, due);
const began = performance.now();
const failed = await closeTogether(ctx, groups, { due, kind: 'close', count: () => undefined });
if (failed.length > 0) throw new Error(`${failed.length} groups weren't closed`);
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`);
await disconnectStore();
process.exit(0);
