import { createHash } from 'node:crypto';
import { Refusal } from '../../billing/refusal.ts';
import type { BillingDocument } from '../../documents/document.ts';
import { GENERATION, type WholeFormat } from '../../documents/generate.ts';
import { documentPool } from '../../documents/pool.ts';
import { type DocumentKey, storeDocument, storedDocument } from '../../store/invoicing/documents.ts';
import type { Ctx } from '../kit/context.ts';
import { type IssuedDocument, toBillingDocument } from './document-content.ts';

/** Documents being read or generated in this process, by key. Concurrent readers share them. */
const underway = new Map<string, Promise<Buffer>>();

/**
 * The bytes of an issued invoice or credit memo in a format that shows all of it, either stored or generated once and
 * stored. The caller must check rights first.
 *
 * @param of the issued document, and its number of lines
 * @param load reads the document's content; only called if it has to be generated
 * @throws {Refusal} `document_incomplete` with what an XML file would lack, `documents_busy`
 */
export function issuedBytes(
  ctx: Ctx,
  of: { readonly accountId: string; readonly id: string; readonly issued: IssuedDocument; readonly lineCount: number },
  format: WholeFormat,
  load: () => Promise<BillingDocument>,
): Promise<Buffer> {
  const key = { accountId: of.accountId, documentId: of.id, format, version: versionOf(of.issued, of.lineCount) };
  const name = JSON.stringify([key.accountId, key.documentId, format, key.version]);
  const shared = underway.get(name);
  if (shared) return shared;
  const bytes = readOrGenerate(ctx, key, format, load).finally(() => underway.delete(name));
  underway.set(name, bytes);
  return bytes;
}

/** A document's bytes, generated in a thread. @throws {Refusal} `document_incomplete`, `documents_busy` */
export async function generatedBytes(ctx: Ctx, document: BillingDocument, format: WholeFormat): Promise<Buffer> {
  const result = await (ctx.documents ?? documentPool).generate(document, format);
  if (result.kind === 'incomplete') throw incomplete(document, result.obstacles);
  const { buffer, byteOffset, byteLength } = result.bytes;
  return Buffer.from(buffer, byteOffset, byteLength);
}

async function readOrGenerate(
  ctx: Ctx,
  key: DocumentKey,
  format: WholeFormat,
  load: () => Promise<BillingDocument>,
): Promise<Buffer> {
  const stored = await storedDocument(key);
  if (stored) return stored;
  const bytes = await generatedBytes(ctx, await load(), format);
  return storeDocument(key, bytes, ctx.clock.now());
}

/**
 * The version of a document's content, which changes only with what the document says. Later payments aren't shown on
 * it. Lines never change after issue, so their number is enough.
 */
function versionOf(issued: IssuedDocument, lineCount: number): string {
  const head = toBillingDocument(issued, []);
  const content = JSON.stringify([GENERATION, head, issued.snapshot.seller?.logo ?? '', lineCount]);
  return createHash('sha256').update(content).digest('hex');
}

function incomplete({ number }: BillingDocument, obstacles: readonly string[]): Refusal {
  return new Refusal('document_incomplete', { number, obstacles });
}
