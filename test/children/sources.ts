// Reads all sources once or in several rounds, however due they are, as a process that a test can kill. Prints its memory
// in MB, and at its end the largest.
import { openStorage } from '../../src/adapters/storage/open-storage.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { SecretBox } from '../../src/platform/secret-box.ts';
import { SourcePoller } from '../../src/services/sources/source-poller.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { Sources } from '../../src/store/sources/sources.ts';

const [uri = '', now = '', key = '', folder = '', leaseMs = '6000', rounds = '1'] = process.argv.slice(2);
const LATER_MS = 120_000;

// loading it takes longer than the lease on a slow machine
await import('@aws-sdk/client-s3');
await connectStore(uri);
const ctx = {
  ...{ clock: { now: () => new Date(now) }, log: silentLogger(), nudge: () => undefined, explain: refusalInFull },
  actor: { kind: 'automation' } as const,
};
const tools = {
  // files that were just written count as complete
  open: openStorage({ folder, allowsPrivate: true, now: () => new Date(Date.now() + LATER_MS) }),
  ...{ box: new SecretBox([Buffer.from(key, 'hex')]), hasFolder: true, isShared: false },
};
process.stdout.write(`${Math.round(process.memoryUsage().rss / 1024 ** 2)}\n`);
const poller = new SourcePoller(tools, { leaseMs: Number(leaseMs) });
for (let round = 1; round <= Number(rounds); round += 1) {
  await Sources.updateMany({ nextRunAt: { $ne: null } }, { $set: { nextRunAt: ctx.clock.now() } });
  await poller.poke(ctx);
  await poller.idle();
}
await disconnectStore();
process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
