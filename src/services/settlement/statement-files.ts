import type { CsvMapping } from '../../billing/statement/csv-mapping.ts';
import { readBankCsv } from '../../imports/bank/bank-csv.ts';
import { looksLikeCamt, readCamt } from '../../imports/bank/camt.ts';
import {
  columnOf,
  guessColumns,
  guessDateOrder,
  guessDecimal,
  looksLikeBankCsv,
  readTable,
} from '../../imports/bank/csv-columns.ts';
import { inSteps } from '../../imports/file/breather.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { readStatement, type StatementOutcome } from './bank-statements.ts';

export { STATEMENT_BYTES } from '../../imports/bank/bank-text.ts';

/** A bank statement that somebody shared. */
export interface StatementFile {
  readonly accountId: string;
  readonly fileName: string;
  /** Downloads it, once the caller is known to be allowed to read statements. */
  readonly bytes: () => Promise<Buffer>;
}

/** The columns of a CSV file, and what they seem to be. What can’t be guessed is left out. */
export interface StatementColumns {
  readonly header: readonly string[];
  readonly guessed: Partial<CsvMapping>;
}

/** Which kind of bank statement a file that starts with these bytes seems to be; undefined if none. */
export function statementKind(firstBytes: Buffer): 'camt' | 'csv' | undefined {
  if (looksLikeCamt(firstBytes)) return 'camt';
  return looksLikeBankCsv(firstBytes) ? 'csv' : undefined;
}

/** Reads a statement in CAMT.053, as `readStatement`. @throws {Refusal} `statement_file`, `role_needed` */
export async function readCamtFile(ctx: Ctx, { accountId, fileName, bytes }: StatementFile): Promise<StatementOutcome> {
  await admit(ctx, accountId, 'issue');
  return readStatement(ctx, { accountId, fileName, statement: await inSteps(readCamt(await bytes())) });
}

/** For a form: the columns of a statement in CSV. @throws {Refusal} `statement_file`, `role_needed` */
export async function statementColumns(
  ctx: Ctx,
  { accountId, bytes }: Omit<StatementFile, 'fileName'>,
): Promise<StatementColumns> {
  await admit(ctx, accountId, 'issue');
  const table = readTable(await bytes());
  const columns = guessColumns(table.header);
  const dateOrder = guessDateOrder(columnOf(table, columns.date));
  const decimal = guessDecimal(columnOf(table, columns.amount));
  return {
    header: table.header,
    guessed: { ...columns, ...(dateOrder && { dateOrder }), ...(decimal && { decimal }) },
  };
}

/**
 * Reads a statement in CSV, as `readStatement`. Amounts without a currency are in the account’s.
 *
 * @throws {Refusal} `statement_file` naming the line at fault, `role_needed`
 */
export async function readCsvFile(
  ctx: Ctx,
  { accountId, fileName, bytes }: StatementFile,
  mapping: CsvMapping,
): Promise<StatementOutcome> {
  const { account } = await admit(ctx, accountId, 'issue');
  const statement = readBankCsv(readTable(await bytes()), mapping, account.currency);
  return readStatement(ctx, { accountId, fileName, statement });
}
