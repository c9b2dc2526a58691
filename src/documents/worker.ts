// The entry of a worker thread: a frozen document in, its bytes out. It reads only fonts.
import { threadId } from 'node:worker_threads';
import type { BillingDocument } from './document.ts';
import { type Generated, generate, type WholeFormat } from './generate.ts';
import { fromSent, type Sent } from './sent-value.ts';

export interface DocumentTask {
  readonly document: Sent<BillingDocument>;
  readonly format: WholeFormat;
}

/** @returns also the ID of the thread */
export default async function generateInThread({
  document,
  format,
}: DocumentTask): Promise<Generated & { readonly threadId: number }> {
  return { ...(await generate(fromSent<BillingDocument>(document), format)), threadId };
}
