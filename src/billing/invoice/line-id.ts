import { createHash } from 'node:crypto';

/** An ID in the form of a UUID that is always the same for the same text. */
export function idFromText(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

/** What a line is, apart from its amounts and its position. */
export interface LineIdentity {
  readonly invoiceId: string;
  readonly projectId: string;
  readonly lineType: string;
  readonly serviceName: string;
  readonly servicePlan: string | null;
  readonly description: string;
  readonly lateFrom: string | null;
  /** ISO 4217: the currency in which it was booked. */
  readonly currency: string;
  readonly code: string | null;
  /** Whether usage records are behind it. */
  readonly isCost: boolean;
}

/** A text that is the same for lines that are the same, however often the invoice is calculated. */
export function lineIdentity(line: LineIdentity): string {
  const { invoiceId, projectId, lineType, serviceName, servicePlan, description } = line;
  const { lateFrom, currency, code, isCost } = line;
  return JSON.stringify([
    ...[invoiceId, projectId, lineType, serviceName, servicePlan, description],
    ...[lateFrom, currency, code, isCost],
  ]);
}
