import { createHash } from 'node:crypto';
import type { EventType } from './event-types.ts';

export { EVENT_KINDS, type EventKind, type EventType, eventKindName } from './event-types.ts';

/** Who did it: a Slack user ID, `automation`, or `operator` for someone at the server's command line. */
export type ActorName = string;

/** Plain values only, so that the hash of an entry is the same wherever it is computed. */
export type EventValue =
  | string
  | number
  | boolean
  | null
  | readonly EventValue[]
  | { readonly [key: string]: EventValue };

/** An event that has no number in the log yet. */
export interface NewEvent {
  readonly accountId: string;
  readonly type: EventType;
  /** The description in the log, unescaped. */
  readonly description: string;
  readonly actor: ActorName;
  readonly billingGroupId?: string;
  readonly projectId?: string;
  readonly invoiceId?: string;
  readonly before?: EventValue;
  readonly after?: EventValue;
}

/** An entry of the log: numbered from 1 without gaps within its account, and chained to the previous entry. */
export interface LogEntry extends NewEvent {
  readonly logEntryId: number;
  /** When the change was made. */
  readonly createTime: Date;
  readonly previousHash: string;
  readonly hash: string;
}

/** The previous hash of the first entry. */
export const FIRST_HASH = '0'.repeat(64);

/** The hash of an entry: SHA-256, in hex, of its whole content and the previous entry's hash. */
export function hashOf(entry: Omit<LogEntry, 'hash'>): string {
  const { accountId, logEntryId, type, description, actor, createTime, previousHash } = entry;
  const said = {
    accountId,
    logEntryId,
    type,
    description,
    actor,
    createTime: createTime.toISOString(),
    billingGroupId: entry.billingGroupId ?? null,
    projectId: entry.projectId ?? null,
    invoiceId: entry.invoiceId ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    previousHash,
  };
  return createHash('sha256').update(canonical(said)).digest('hex');
}

/**
 * The first number at which the chain is broken, or undefined if it is intact. `previousHash` is the hash before the
 * first of these entries.
 */
export function breakIn(entries: readonly LogEntry[], previous: { number: number; hash: string }): number | undefined {
  let { number, hash } = previous;
  for (const entry of entries) {
    number += 1;
    if (entry.logEntryId !== number || entry.previousHash !== hash || entry.hash !== hashOf(entry)) return number;
    hash = entry.hash;
  }
  return undefined;
}

/** JSON with sorted keys: the same values give the same text, whatever order they were stored in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${pairs.join(',')}}`;
}
