import { createReadStream, statSync } from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { Refusal } from '../billing/refusal.ts';
import { systemClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { accountByName } from '../services/accounts.ts';
import type { Ctx } from '../services/context.ts';
import { type ImportReport, importFocus } from '../services/imports.ts';
import { numberEvents } from '../services/log.ts';
import { connectStore, disconnectStore } from '../store/connect.ts';
import { databaseUri } from './database-uri.ts';
import { parseInstant } from './focus-values.ts';

const USAGE = `Usage: npm run import -- FILE --account NAME [--replace] [--source NAME] [--since DATE]

  FILE       a FOCUS CSV file (versions 1.0 to 1.4)
  --account  the account that pays
  --replace  exchange what the file's sources gave for its billing months, which must not be invoiced yet
  --source   a name for where the file comes from, in place of the billing account that each row names
  --since    import charges from this day on, like 2023-01-01, also those that are older than usual: without it,
             charges that begin more than 24 months before their billing month are rejected
`;
const EXIT_USAGE = 64;
/** How long, and how often, another import is waited for, in milliseconds. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    account: { type: 'string' },
    replace: { type: 'boolean', default: false },
    source: { type: 'string' },
    since: { type: 'string' },
    // for tests that kill this process
    'lease-ms': { type: 'string' },
    'batch-size': { type: 'string' },
  },
});
const [file, ...more] = positionals;
if (!file || more.length > 0 || !values.account) {
  process.stderr.write(USAGE);
  process.exit(EXIT_USAGE);
}
const sinceInstant = values.since === undefined ? undefined : parseInstant(values.since);
if (sinceInstant === null) {
  process.stderr.write(`--since: “${values.since}” isn't a valid date. Use the form 2023-01-01.\n`);
  process.exit(EXIT_USAGE);
}
const since = sinceInstant && new Date(sinceInstant.milliseconds);
process.exitCode = await main(file, values.account);

async function main(fileName: string, accountName: string): Promise<number> {
  const log = createLogger({ level: 'warn' });
  const ctx: Ctx = { clock: systemClock, log, actor: { kind: 'operator' }, nudge: () => undefined };
  try {
    await connectStore(databaseUri(process.env));
    const account = await accountByName(accountName);
    const report = await whenFree(() => importFile(ctx, account._id, fileName));
    await numberEvents(ctx);
    process.stdout.write(inWords(report));
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal) && !isFileError(error)) throw error;
    process.stderr.write(`${error.message}${error instanceof Refusal && error.wayOut ? ` ${error.wayOut}` : ''}\n`);
    return 1;
  } finally {
    await disconnectStore();
  }
}

async function importFile(ctx: Ctx, accountId: string, fileName: string): Promise<ImportReport> {
  const { size } = statSync(fileName);
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {rows} rows',
    stream: process.stderr,
    clearOnComplete: true,
  });
  if (process.stderr.isTTY) bar.start(size, 0, { rows: 0 });
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    return await importFocus(ctx, {
      accountId,
      fileName: path.basename(fileName),
      replace: values.replace,
      ...(values.source !== undefined && { source: values.source }),
      ...(since !== undefined && { since }),
      ...(values['lease-ms'] !== undefined && { leaseMs: Number(values['lease-ms']) }),
      ...(values['batch-size'] !== undefined && { batchSize: Number(values['batch-size']) }),
      open: () => createReadStream(fileName).pipe(counted),
      onProgress: ({ read }) => bar.update(bytes, { rows: read }),
    });
  } finally {
    bar.stop();
  }
}

/** Waits for another import of the account: also for one that was killed, until its lease runs out. */
async function whenFree(run: () => Promise<ImportReport>): Promise<ImportReport> {
  let said = false;
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'import_running' || waited >= PATIENCE_MS) throw error;
      if (!said)
        process.stderr.write('Another import into this account is running, or was killed a moment ago: waiting …\n');
      said = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function inWords(report: ImportReport): string {
  const { read, added, repeated, rejected, sums, rejections, changes } = report;
  const lines = [
    `${read} ${read === 1 ? 'row' : 'rows'} read: ${added} new, ${repeated} repeated, ${rejected} rejected`,
  ];
  for (const [currency, amount] of Object.entries(sums)) lines.push(`Sum: ${currency} ${amount}`);
  for (const { line, column, reason } of rejections) lines.push(`Line ${line}, ${column}: ${reason}`);
  if (rejected > rejections.length) lines.push(`… and ${rejected - rejections.length} more rejected`);
  if (report.notes) lines.push(...notesInWords(report.notes));
  if (report.replace) lines.push(...(changes.length === 0 ? ['Nothing changed.'] : changes));
  return `${lines.join('\n')}\n`;
}

function notesInWords({ count, first }: NonNullable<ImportReport['notes']>): string[] {
  if (count === 0) return [];
  const lines = first.map(({ line, column, reason }) => `Line ${line}, ${column}: ${reason}`);
  const rest = count > first.length ? [`… and ${count - first.length} more`] : [];
  return [count === 1 ? '1 note:' : `${count} notes:`, ...lines, ...rest];
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'EISDIR'].includes(String(error.code));
}
