import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SingleBar } from 'cli-progress';
import { refusalText } from '../api/refusal-texts.ts';
import { count } from '../billing/money/count.ts';
import { Decimal, formatMoney } from '../billing/money/money.ts';
import { Refusal } from '../billing/refusal.ts';
import { readArguments, UsageError } from '../imports/command-line/arguments.ts';
import { isFile, partsListed, readBytes, sizeOfAll } from '../imports/command-line/files.ts';
import { createLogger } from '../platform/logger.ts';
import { runProcess } from '../platform/startup.ts';
import { systemClock } from '../platform/system-clock.ts';
import { accountByName } from '../services/accounts/accounts.ts';
import { type ImportReport, importFocus } from '../services/costs/imports.ts';
import { cancelReplacement, confirmReplacement, undoReplacement } from '../services/costs/replacement-decide.ts';
import { numberEvents } from '../services/events/event-log.ts';
import type { Ctx } from '../services/kit/context.ts';
import { disconnectStore } from '../store/kit/connect.ts';
import { connect, EXIT_USAGE } from './terminal.ts';

const USAGE = `Usage: npm run import -- FILE... --account NAME [--replace [--confirm]] [--source NAME] [--since DATE]
                                     [--month MONTH]
       npm run import -- --undo IMPORT --account NAME

  FILE       a cost file: FOCUS (versions 1.0 to 1.4) or an export of AWS, Azure, Google Cloud or Oracle Cloud, as CSV,
             compressed with gzip or ZIP, or as Parquet, or any CSV for which the account has a mapping. Several files
             are imported together, as parts of one export
  --account  the account that pays
  --replace  replace the earlier costs of the files' sources for their billing months, if these haven't been invoiced
  --confirm  replace even if rows were rejected or a month's costs fall by more than half
  --source   a name for the source of the files, instead of the billing account in each row
  --since    import charges that begin on or after this day, such as 2023-01-01. Without it, charges that begin
             more than 24 months before their billing month are rejected
  --month    the month of all charges, such as 2026-10, for files whose mapping has no dates
  --undo     undo this import's replacement. Possible until the next import of its source
`;
/** How long to wait for another import, and how often to check, in milliseconds. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;

const values = argumentsOfProcess();
await runProcess(async () => {
  process.exitCode = await main(values.files, values.account);
});

function argumentsOfProcess() {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(EXIT_USAGE);
  }
}

async function main(files: readonly string[], accountName: string): Promise<number> {
  const log = createLogger({ level: 'warn' });
  const ctx: Ctx = {
    clock: systemClock,
    log,
    actor: { kind: 'operator' },
    explain: refusalText,
    nudge: () => undefined,
  };
  let isConnected = false;
  try {
    sizeOfAll(files);
    await connect();
    isConnected = true;
    const { _id: accountId } = await accountByName(accountName);
    return await (values.undo === undefined ? importAll(ctx, accountId, files) : undo(ctx, accountId, values.undo));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${refusalText(error)}\n`);
    return 1;
  } finally {
    if (isConnected) await numberEvents(ctx).catch(() => undefined);
    await disconnectStore();
  }
}

async function importAll(ctx: Ctx, accountId: string, files: readonly string[]): Promise<number> {
  const report = await whenFree(() => importFiles(ctx, accountId, files));
  process.stdout.write(inWords(report));
  if (report.state !== 'unconfirmed') return 0;
  const name = { accountId, importId: report.id };
  if (await isConfirmed(report)) {
    const done = await whenFree(() => confirmReplacement(ctx, name));
    process.stdout.write(`Replaced.\n${undoHint(done)}`);
    return 0;
  }
  await cancelReplacement(ctx, name);
  process.stderr.write('Nothing was replaced. Run the command again with --confirm to replace anyway.\n');
  return 1;
}

async function undo(ctx: Ctx, accountId: string, importId: string): Promise<number> {
  const { fileName } = await whenFree(() => undoReplacement(ctx, { accountId, importId }));
  process.stdout.write(`Undid the replacement with ${fileName}. The earlier costs count again.\n`);
  return 0;
}

/** A replacement without doubts proceeds. Any other needs `--confirm`, or a person who agrees. */
async function isConfirmed({ doubts = [] }: ImportReport): Promise<boolean> {
  if (doubts.length === 0 || values.confirm) return true;
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question('Replace these costs anyway? (yes/no) ')).trim());
  } finally {
    asking.close();
  }
}

async function importFiles(ctx: Ctx, accountId: string, files: readonly string[]): Promise<ImportReport> {
  const size = sizeOfAll(files);
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {rows} rows',
    stream: process.stderr,
    clearOnComplete: true,
  });
  if (process.stderr.isTTY) bar.start(size, 0, { rows: 0 });
  let bytes = 0;
  const count = (length: number) => {
    bytes += length;
  };
  const [first, ...more] = partsListed(files).map((file) => ({
    fileName: path.basename(file),
    open: () => readBytes(file, count),
    isReadOnce: !isFile(file),
  }));
  if (!first) throw new Error('File not found:');
  const { source, since, month, leaseMs, batchSize } = values;
  try {
    return await importFocus(ctx, {
      accountId,
      ...first,
      more,
      replace: values.replace,
      confirmation: 'ask',
      ...(source !== undefined && { source }),
      ...(since !== undefined && { since }),
      ...(month !== undefined && { month }),
      ...(leaseMs !== undefined && { leaseMs }),
      ...(batchSize !== undefined && { batchSize }),
      onProgress: ({ read }) => bar.update(Math.min(bytes, size), { rows: read }),
    });
  } finally {
    bar.stop();
  }
}

/** Waits for another import in the account, even a killed one's lease to expire. */
async function whenFree(run: () => Promise<ImportReport>): Promise<ImportReport> {
  let said = false;
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'import_running' || waited >= PATIENCE_MS) throw error;
      if (!said) process.stderr.write('Another import into this account is running or was just stopped. Waiting …\n');
      said = true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function inWords(report: ImportReport): string {
  const { read, added, repeated, rejected, sums, rejections } = report;
  const lines = [`${count(read, 'row')} read: ${added} new, ${repeated} already imported, ${rejected} rejected`];
  for (const [currency, amount] of Object.entries(sums))
    lines.push(`Sum: ${formatMoney(new Decimal(amount), currency)}`);
  for (const { file, line, column, reason } of rejections)
    lines.push(`${file === undefined ? 'Line' : `${file}, line`} ${line}, ${column}: ${reason}`);
  if (rejected > rejections.length) lines.push(`… and ${rejected - rejections.length} more rejected`);
  if (report.notes) lines.push(...notesInWords(report.notes));
  if (report.replace) lines.push(...changeLines(report));
  return `${lines.join('\n')}\n${undoHint(report)}`;
}

function changeLines({ state, changes, changeCount = changes.length, doubts = [] }: ImportReport): string[] {
  if (changeCount === 0 && state === 'finished') return ['Nothing changed.'];
  const lines = ['Changes by project, largest decrease first:', ...changes];
  if (changeCount > changes.length) lines.push(`… and ${changeCount - changes.length} more`);
  return [...lines, ...(state === 'unconfirmed' ? doubts : [])];
}

function undoHint({ id, undo: canUndo }: ImportReport): string {
  return canUndo ? `To undo: npm run import -- --undo ${id} --account ${JSON.stringify(values.account)}\n` : '';
}

function notesInWords({ count: found, first }: NonNullable<ImportReport['notes']>): string[] {
  if (found === 0) return [];
  const lines = first.map(({ line, column, reason }) => `Line ${line}, ${column}: ${reason}`);
  const rest = found > first.length ? [`… and ${found - first.length} more`] : [];
  return [`${count(found, 'note')}:`, ...lines, ...rest];
}
