// Closes a group's period twice at once, together with other processes, after a start signal: a line on stdin.
import { once } from 'node:events';
import { toPeriod } from '../../src/billing/period/period.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { contextAt } from '../support/context.ts';

const [uri = '', groupId = '', period = '', now = ''] = process.argv.slice(2);
const ctx = contextAt({ now: () => new Date(now) }, { kind: 'automation' });

await connectStore(uri);
const group = await Groups.findById(groupId).orFail().lean();
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const close = () => closeInvoice(ctx, group, toPeriod(period));
const results = await Promise.all([close(), close()]);
process.stdout.write(`${JSON.stringify(results.map((result) => result.outcome))}\n`);
await disconnectStore();
process.exit(0);
