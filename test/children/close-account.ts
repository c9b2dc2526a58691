// Closes a month of every group of an account, and says how long that took (s) and the most memory it held (MB).
import { toPeriod } from '../../src/billing/period.ts';
import { silentLogger } from '../../src/log.ts';
import type { Ctx } from '../../src/services/context.ts';
import { closeInvoice } from '../../src/services/invoices.ts';
import { connectStore, disconnectStore } from '../../src/store/connect.ts';
import { Groups } from '../../src/store/groups.ts';

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
for (const { _id } of groups) await closeInvoice(ctx, _id, toPeriod(period));
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`);
await disconnectStore();
process.exit(0);
