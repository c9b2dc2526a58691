/** The command line of `npm run import`. */
import { parseArgs } from 'node:util';
import { parseInstant } from '../focus/focus-values.ts';

export interface ImportArguments {
  /** The parts of one export; empty if a replacement is to be undone. */
  readonly files: readonly string[];
  readonly account: string;
  readonly replace: boolean;
  readonly confirm: boolean;
  readonly source: string | undefined;
  readonly since: Date | undefined;
  /** YYYY-MM: the month of all charges, for files whose mapping has no dates. */
  readonly month: string | undefined;
  /** The import whose replacement should be undone. */
  readonly undo: string | undefined;
  readonly leaseMs: number | undefined;
  readonly batchSize: number | undefined;
}

/** The command line is invalid; the message says why, in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {UsageError} */
export function readArguments(args: readonly string[]): ImportArguments {
  const { values, positionals: files } = parsed(args);
  const { account, undo, source, since, month, replace, confirm } = values;
  if (files.length === 0 && undo === undefined) throw new UsageError('Specify the file to import.');
  if (files.length > 0 && undo !== undefined) throw new UsageError("--undo doesn't take a file.");
  if (!account?.trim()) throw new UsageError('Specify the account with --account.');
  for (const [name, text] of Object.entries({ source, undo })) {
    if (text?.trim() === '') throw new UsageError(`--${name} needs a value.`);
  }
  return {
    ...{ files, account, replace, confirm, source, undo },
    since: since === undefined ? undefined : readSince(since),
    month: month === undefined ? undefined : readMonth(month),
    leaseMs: readCount('lease-ms', values['lease-ms']),
    batchSize: readCount('batch-size', values['batch-size']),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        account: { type: 'string' },
        replace: { type: 'boolean', default: false },
        confirm: { type: 'boolean', default: false },
        source: { type: 'string' },
        since: { type: 'string' },
        month: { type: 'string' },
        undo: { type: 'string' },
        // for tests that kill this process
        'lease-ms': { type: 'string' },
        'batch-size': { type: 'string' },
      },
    });
  } catch (error) {
    // the rest of the message is about programming
    const [sentence = ''] = messageOf(error).split(/\.? To |\n/, 1);
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

function readSince(text: string): Date {
  const instant = parseInstant(text);
  if (instant === null) throw new UsageError(`--since: “${text}” isn't a valid date. Use a date such as 2023-01-01.`);
  return new Date(instant.milliseconds);
}

function readMonth(text: string): string {
  if (/^20\d\d-(?:0[1-9]|1[0-2])$/.test(text)) return text;
  throw new UsageError(`--month: “${text}” isn't a valid month. Use a month such as 2026-10.`);
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} must be a whole number above zero.`);
  return Number(text);
}
