// Generates an invoice's documents in a separate process, and prints the hash of each.
import { createHash } from 'node:crypto';
import { silentLogger } from '../../src/platform/logger.ts';
import { DOCUMENT_FORMATS, invoiceDocument } from '../../src/services/documents/invoice-document.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';

const [uri = '', accountId = '', number = '', now = ''] = process.argv.slice(2);
const ctx: Ctx = {
  clock: { now: () => new Date(now) },
  log: silentLogger(),
  actor: { kind: 'operator' },
  nudge: () => undefined,
};

await connectStore(uri);
const hashes: string[] = [];
for (const format of DOCUMENT_FORMATS) {
  const { body } = await invoiceDocument(ctx, accountId, number, format);
  hashes.push(createHash('sha256').update(body).digest('hex'));
}
process.stdout.write(`${JSON.stringify(hashes)}\n`);
await disconnectStore();
process.exit(0);
