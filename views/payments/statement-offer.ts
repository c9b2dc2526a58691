import type { KnownBlock, ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type CsvMapping, csvMappingSchema } from '../../src/billing/statement/csv-mapping.ts';
import type { StatementOutcome } from '../../src/services/settlement/bank-statements.ts';
import {
  readCamtFile,
  readCsvFile,
  STATEMENT_BYTES,
  type StatementColumns,
  statementColumns,
} from '../../src/services/settlement/statement-files.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, context, input, modal, section, staticSelect } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { downloadSlackFile, fileInfo } from '../../src/slack/web-api/files.ts';
import { MAPPING_OPEN } from '../costs/mapping/mapping-offer.ts';
import { readTarget, type Target, target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import { FILE_DISMISS } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { BANK_LINES_OPEN } from './bank-lines.ts';

const READ_CAMT = 'bank.read';
const MAP_CSV = 'bank.map.open';
const FORM = 'bank.map';
const TITLE = 'Bank statement';
/** Of the 3,000 that a form can keep. */
const KEPT_CHARACTERS = 1_800;

const DATE_ORDER_NAMES = {
  dmy: 'Day, month, year (31.10.2026)',
  mdy: 'Month, day, year (10/31/2026)',
  ymd: 'Year, month, day (2026-10-31)',
} as const;
const DECIMAL_NAMES = { ',': 'Comma (1.234,56)', '.': 'Point (1,234.56)' } as const;

/**
 * Asks whether to read a shared file as a bank statement.
 *
 * @param mayBeCosts whether it may be a bill instead
 */
export function statementOffer(kind: 'camt' | 'csv', mayBeCosts = false) {
  return (text: string, about: Partial<Target>): KnownBlock[] => {
    const value = target(about);
    const read =
      kind === 'camt'
        ? button('Read statement', READ_CAMT, { value, style: 'primary' })
        : button('Choose columns', MAP_CSV, { value, style: 'primary' });
    const costs = mayBeCosts ? [button('Read as costs', MAPPING_OPEN, { value })] : [];
    return [section(text), actions([read, ...costs, button('Not now', FILE_DISMISS, { value })])];
  };
}

/** Registers the buttons that read a bank statement, and the form for the columns of a CSV file. */
export function registerStatementOffer(app: SlackApp, deps: Deps): void {
  onAction(app, READ_CAMT, async (request, action) => {
    const { account: accountId, file, name: fileName } = readTarget(action.value);
    const bytes = () => bytesOf(request.client, file);
    const outcome = await readCamtFile(contextOf(deps, request), { accountId, fileName, bytes });
    const text = outcomeText(fileName, outcome);
    await request.respond({ text, blocks: outcomeBlocks(accountId, text, outcome), replace: true });
  });
  onAction(app, MAP_CSV, (request, action) =>
    openForm(request, TITLE, async () => {
      const { account, file, name } = readTarget(action.value);
      const bytes = () => bytesOf(request.client, file);
      const { header, guessed } = await statementColumns(contextOf(deps, request), { accountId: account, bytes });
      return form(originOf(request, { account, more: { file, name } }, action.view), header, guessed);
    }),
  );
  onForm<CsvMapping>(app, deps, FORM, {
    title: TITLE,
    parse: parseWith(csvMappingSchema, 'date'),
    again: (mapping, origin, fault) => form(origin, headerOf(origin), mapping, fault),
    async work(ctx, mapping, { account: accountId, more }, request) {
      const fileName = more.name ?? '';
      const bytes = () => bytesOf(request.client, more.file ?? '');
      const outcome = await readCsvFile(ctx, { accountId, fileName, bytes }, mapping);
      const blocks = outcomeBlocks(accountId, outcomeText(fileName, outcome), outcome);
      return modal({ title: TITLE, close: 'Done', blocks });
    },
  });
}

/** Slack keeps few characters with a form: the chosen columns, and as many others as fit. */
function keptColumns(header: readonly string[], mapping: Partial<CsvMapping>): readonly string[] {
  const chosen = new Set<unknown>(Object.values(mapping));
  let left = KEPT_CHARACTERS;
  const fits = (name: string) => {
    left -= JSON.stringify(name).length * 2;
    return left > 0;
  };
  const first = new Set([...header].sort((a, b) => Number(chosen.has(b)) - Number(chosen.has(a))).filter(fits));
  return header.filter((name) => first.has(name));
}

function headerOf({ more }: Origin): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(more.header ?? '[]'));
}

function form(
  origin: Origin,
  header: StatementColumns['header'],
  mapping: StatementColumns['guessed'],
  fault?: string,
): ModalView {
  const columns = header.map((name) => ({ text: name, value: name }));
  const column = (id: 'date' | 'amount' | 'name' | 'purpose' | 'currency', label: string, hint?: string) => {
    const initial = columns.find(({ value }) => value === mapping[id]);
    const optional = id !== 'date' && id !== 'amount';
    return input(id, label, staticSelect(`bank.map.${id}`, columns, initial && { initial }), {
      optional,
      ...(hint !== undefined && { hint }),
    });
  };
  const choice = <T extends string>(id: string, names: Readonly<Record<T, string>>, chosen: T | undefined) => {
    const all = (Object.keys(names) as T[]).map((value) => ({ text: names[value], value }));
    const initial = all.find(({ value }) => value === chosen);
    return staticSelect(`bank.map.${id}`, all, initial && { initial });
  };
  const kept = { ...origin, more: { ...origin.more, header: JSON.stringify(keptColumns(header, mapping)) } };
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Read statement',
    close: 'Cancel',
    origin: kept,
    fault,
    blocks: [
      section(`Choose which columns of *${escapeMrkdwn(origin.more.name ?? '')}* to read.`),
      column('date', 'Date'),
      input('dateOrder', 'Dates are written as', choice('dateOrder', DATE_ORDER_NAMES, mapping.dateOrder)),
      column(
        'amount',
        'Amount',
        'Outgoing payments are left out: amounts below 0, and those that another column marks as debits.',
      ),
      input('decimal', 'Decimal separator', choice('decimal', DECIMAL_NAMES, mapping.decimal)),
      column('purpose', 'Payment reference', 'What the payer wrote, such as the invoice number.'),
      column('name', 'Payer'),
      column('currency', 'Currency', 'Leave empty if all amounts are in the account’s currency.'),
    ],
  });
}

function outcomeText(fileName: string, { found, isNew, leftOut }: StatementOutcome): string {
  const known = found - isNew;
  const parts = [
    `Read ${escapeMrkdwn(fileName)}: ${count(isNew, 'new incoming payment')}.`,
    ...(known > 0 ? [`${count(known, 'payment')} already read earlier.`] : []),
    ...(leftOut > 0 ? [`Skipped ${count(leftOut, 'other line')}, such as outgoing payments.`] : []),
  ];
  return parts.join(' ');
}

function outcomeBlocks(account: string, text: string, { isNew, found }: StatementOutcome): KnownBlock[] {
  const next = button('Match payments', BANK_LINES_OPEN, { value: target({ account }), style: 'primary' });
  return [
    section(text),
    ...(isNew + found > 0 ? [actions([next])] : []),
    context('No payment is recorded until you confirm it.'),
  ];
}

async function bytesOf(client: WebClient, fileId: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const file = await fileInfo(client, fileId);
  for await (const piece of await downloadSlackFile(client, file, { maxBytes: STATEMENT_BYTES })) pieces.push(piece);
  return Buffer.concat(pieces);
}
