// npm run validate:einvoice -- DIR: makes the electronic documents of real closes and credit memos of sellers in ten
// countries, and checks each with the rule sets in a folder: Schematron compiled to XSLT, such as the CEN-EN16931-UBL.xslt
// and PEPPOL-EN16931-UBL.xslt of a release. With a second folder, the XML files there are checked instead.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isIban } from '../../src/billing/account/seller.ts';
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { type EInvoice, einvoicesOf } from './files.ts';
import { PLACES } from './parties.ts';

/** The part of the XSLT processor that is used here, since it has no types. */
interface Processor {
  transform(options: Readonly<Record<string, unknown>>): { readonly principalResult: string };
}

/** German sellers: a SEPA transfer's account has a valid IBAN. */
const IBAN_RULE = 'DE-R-019';
const load = createRequire(import.meta.url);
const processor: Processor = load('saxon-js');
const [rulesFolder, filesFolder] = process.argv.slice(2);

if (rulesFolder === undefined) {
  console.error('Usage: npm run validate:einvoice -- RULES_DIR [FILES_DIR]');
  process.exit(2);
}
const work = await mkdtemp(join(tmpdir(), 'einvoice-'));
try {
  process.exitCode = (await validate(rulesFolder, filesFolder)) ? 0 : 1;
} finally {
  await rm(work, { recursive: true });
}

/** @returns whether every file follows every rule */
async function validate(rules: string, folder: string | undefined): Promise<boolean> {
  const sheets = (await readdir(rules)).filter((name) => /\.xslt?$/.test(name)).sort();
  if (sheets.length === 0) throw new Error(`No .xslt file in ${rules}`);
  const compiled = sheets.map((name) => compile(join(rules, name)));
  let [files, faulty] = [0, 0];
  for await (const { name, xml } of folder === undefined ? madeHere() : filesIn(folder)) {
    const faults = compiled.flatMap((sheet) => faultsOf(xml, sheet));
    files += 1;
    if (faults.length > 0) faulty += 1;
    process.stdout.write(`${name}: ${faults.length === 0 ? 'valid' : faults.join(', ')}\n`);
  }
  process.stdout.write(`${files} files checked with ${sheets.join(' and ')}: ${files - faulty} valid, ${faulty} not\n`);
  return files > 0 && faulty === 0;
}

function compile(sheet: string): string {
  const target = join(work, `${basename(sheet)}.sef.json`);
  execFileSync(process.execPath, [load.resolve('xslt3/xslt3.js'), `-xsl:${sheet}`, `-export:${target}`, '-nogo']);
  return target;
}

/** The rules that a file breaks, by name, with the severity if it isn't fatal. */
function faultsOf(xml: string, stylesheetFileName: string): string[] {
  const { principalResult } = processor.transform({ stylesheetFileName, sourceText: xml, destination: 'serialized' });
  return [...principalResult.matchAll(/<svrl:failed-assert[^>]*>/g)].flatMap(([tag]) => {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
    const [id, flag] = [attribute('id'), attribute('flag')];
    if (id === IBAN_RULE && hasValidIbans(xml)) return [];
    return flag === 'warning' ? `${id} (warning)` : id;
  });
}

/**
 * Whether the checksum of every transfer account is valid. The XSLT processor calculates remainders of integers with
 * more than 15 digits as floating-point numbers, so it rejects every IBAN.
 */
function hasValidIbans(xml: string): boolean {
  const accounts = [...xml.matchAll(/<cac:PayeeFinancialAccount>\s*<cbc:ID>([^<]*)</g)];
  return accounts.length > 0 && accounts.every(([, iban = '']) => isIban(iban.replace(/\s/g, '')));
}

async function* filesIn(folder: string): AsyncGenerator<EInvoice> {
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.xml')).sort()) {
    yield { name, xml: await readFile(join(folder, name), 'utf8') };
  }
}

async function* madeHere(): AsyncGenerator<EInvoice> {
  const { MONGODB_URI: _, ...env } = process.env;
  const database = await startDatabase({ env, databaseName: 'einvoice' });
  try {
    await connectStore(database.uri);
    await migrate();
    const ctx = contextAt(new TestClock('2026-11-02T12:00:00Z'));
    for (const country of Object.keys(PLACES)) yield* einvoicesOf(ctx, country);
  } finally {
    await disconnectStore();
    await database.stop();
  }
}
