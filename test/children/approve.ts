// Approves a move many times at once, together with other processes, after a start signal: a line on stdin.
import { once } from 'node:events';
import { Refusal } from '../../src/billing/refusal.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { approveMove } from '../../src/services/moves/move-decide.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = '', accountId = '', requestId = '', now = '', times = '1', ...people] = process.argv.slice(2);

function contextOf(userId: string): Ctx {
  return {
    clock: { now: () => new Date(now) },
    log: silentLogger(),
    actor: { kind: 'person', teamId: 'T1', userId },
    nudge: () => undefined,
  };
}

async function approve(userId: string): Promise<string> {
  try {
    return (await approveMove(contextOf(userId), { accountId, requestId })).outcome;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

await connectStore(uri);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const all = Array.from({ length: Number(times) }, (_, at) => approve(people[at % people.length] ?? ''));
process.stdout.write(`${JSON.stringify(await Promise.all(all))}\n`);
await disconnectStore();
process.exit(0);
