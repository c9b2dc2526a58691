// Announces dry runs several times at the same time, with other processes, when told to begin: a line on stdin.
import { once } from 'node:events';
import { silentLogger } from '../../src/platform/logger.ts';
import { announceDryRuns } from '../../src/services/invoicing/dry-run.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = '', now = ''] = process.argv.slice(2);
const ctx: Ctx = {
  clock: { now: () => new Date(now) },
  log: silentLogger(),
  actor: { kind: 'automation' },
  nudge: () => undefined,
};

await connectStore(uri);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const counts = await Promise.all([1, 2, 3].map(() => announceDryRuns(ctx)));
process.stdout.write(`${JSON.stringify(counts)}\n`);
await disconnectStore();
process.exit(0);
