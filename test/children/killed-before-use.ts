// Closes the invoice of one group, whose lines are written ahead, and kills itself with the first command that would
// make them the invoice's.
import mongoose from 'mongoose';
import { toPeriod } from '../../src/billing/period/period.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { MOST_IN_TRANSACTION } from '../../src/services/invoicing/lines/stored-lines.ts';
import { connectStore } from '../../src/store/kit/connect.ts';
import { contextAt } from '../support/context.ts';

const [uri = '', accountId = '', groupId = '', month = '', now = ''] = process.argv.slice(2);
await connectStore(`${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`);
MOST_IN_TRANSACTION.sums = 0;
mongoose.connection.getClient().on('commandStarted', ({ commandName, command }) => {
  // the digests of the new lines are stored with the switch to them
  const isUse =
    commandName === 'update' &&
    command.update === 'invoice_trails' &&
    'entries' in (command.updates?.[0]?.u?.$set ?? {});
  if (isUse) process.kill(process.pid, 'SIGKILL');
});
const ctx = contextAt({ now: () => new Date(now) }, { kind: 'automation' });
await closeInvoice(ctx, { _id: groupId, accountId }, toPeriod(month));
process.stdout.write('done\n');
