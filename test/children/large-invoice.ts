// Recalculates or closes the invoice of one group, and prints how long it took, the peak memory of the process, and its
// longest transaction.
import { toPeriod } from '../../src/billing/period/period.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { refreshEstimate } from '../../src/services/invoicing/estimates.ts';
import { invoiceOfPeriodOrFail } from '../../src/store/invoicing/invoice-reads.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { contextAt } from '../support/context.ts';
import { TransactionTimer } from '../support/database/transactions.ts';

const [uri = '', what = '', accountId = '', groupId = '', month = '', now = ''] = process.argv.slice(2);
const period = toPeriod(month);
const ctx = contextAt({ now: () => new Date(now) }, { kind: 'automation' });
await connectStore(`${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`);
const timer = new TransactionTimer();
process.stdout.write('began\n');
const began = performance.now();
if (what === 'close') await closeInvoice(ctx, { _id: groupId, accountId }, period);
else await refreshEstimate(ctx, await invoiceOfPeriodOrFail(accountId, groupId, period));
const seconds = (performance.now() - began) / 1000;
const { longestMs, count: transactions } = timer;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ seconds, megabytes, longestMs, transactions })}\n`);
await disconnectStore();
process.exit(0);
