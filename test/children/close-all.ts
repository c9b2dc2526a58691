// Closes whatever is due, over and over, after a start signal (a line on stdin), until it is killed or nothing is left; as
// if every invoice had very many lines, if told so.
import { once } from 'node:events';
import { closeDue } from '../../src/services/invoicing/close.ts';
import { LINES_LEASE } from '../../src/services/invoicing/lines/leftovers.ts';
import { MOST_IN_TRANSACTION } from '../../src/services/invoicing/lines/stored-lines.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { contextAt } from '../support/context.ts';

const [uri = '', now = '', size = ''] = process.argv.slice(2);
if (size === 'large') {
  MOST_IN_TRANSACTION.sums = 0;
  // others wait for those that were killed
  LINES_LEASE.ms = 500;
}
const ctx = contextAt({ now: () => new Date(now) }, { kind: 'automation' });

await connectStore(uri);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
for (let calm = 0; calm < 2; ) {
  try {
    calm = (await closeDue(ctx)) === 0 ? calm + 1 : 0;
  } catch {
    // a killed neighbor may hold what this one needs: the next pass gets it
    calm = 0;
  }
}
process.stdout.write('done\n');
await disconnectStore();
process.exit(0);
