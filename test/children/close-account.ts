// Closes a month of every group in an account, and prints how long that took (s) and its peak memory (MB).
import { toPeriod } from '../../src/billing/period/period.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = '', accountId = '', period = ''] = process.argv.slice(2);
const ctx: Ctx = {
  clock: { now: () => new Date() },
  log: silentLogger(),
  actor: { kind: 'automation' },
  nudge: () => undefined,
};

await connectStore(uri);
const groups = await Groups.find({ accountId }, { _id: 1 }).lean();
const began = performance.now();
for (const { _id } of groups) await closeInvoice(ctx, { _id, accountId }, toPeriod(period));
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`);
await disconnectStore();
process.exit(0);
