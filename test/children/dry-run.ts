// Announces dry runs several times at once, together with other processes, after a start signal: a line on stdin.
import { once } from 'node:events';
import { announceDryRuns } from '../../src/services/invoicing/dry-run.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { contextAt } from '../support/context.ts';

const [uri = '', now = ''] = process.argv.slice(2);
const ctx = contextAt({ now: () => new Date(now) }, { kind: 'automation' });

await connectStore(uri);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const counts = await Promise.all([1, 2, 3].map(() => announceDryRuns(ctx)));
process.stdout.write(`${JSON.stringify(counts)}\n`);
await disconnectStore();
process.exit(0);
