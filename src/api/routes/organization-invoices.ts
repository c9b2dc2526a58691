import { z } from 'zod';
import { INVOICE_STATES, type InvoiceState } from '../../billing/invoice/invoice.ts';
import { toFixedMinor } from '../../billing/money/money.ts';
import { isDay } from '../../billing/period/day.ts';
import { type Period, toPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type ToUsd, usdOf } from '../../services/costs/us-dollars.ts';
import { memoDocument } from '../../services/documents/memo-document.ts';
import { accountInvoices } from '../../services/insight/account-invoices.ts';
import { type AccountMemo, accountMemo, accountMemos } from '../../services/insight/account-memos.ts';
import {
  allLines,
  type GroupInvoice,
  invoiceByNumber,
  invoiceOfGroup,
  isIssued,
} from '../../services/invoicing/group-invoices.ts';
import { orgInvoiceBody, orgLineBody, usd } from '../bodies/organization-bodies.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { organizationRoute } from '../requests/organization-route.ts';
import { type Caller, json, type Route } from '../route.ts';
import { lastSecond, time } from '../schemas/common.ts';
import {
  type OrgInvoiceBody,
  type OrgLineBody,
  type OrgMemoBody,
  orgInvoiceParams,
  orgInvoiceSchema,
  orgInvoicesAnswer,
  orgInvoicesQuery,
  orgLineSchema,
  orgLinesAnswer,
  orgMemoParams,
  orgMemoSchema,
  orgMemosAnswer,
} from '../schemas/organization.ts';
import { type DownloadSource, fileReply } from './downloads.ts';
import { linesEtag, usdFor } from './invoices.ts';

const TAG = 'Organization invoices';
/** Across billing groups, an estimate's name needs its group's ID. */
const ESTIMATE = /^(estimate-\d{4}-\d{2})-([0-9a-f-]{36})$/;
const INVOICE = '/invoice/{number}';
const CREDIT_MEMOS = '/credit-memos';

export function organizationInvoiceRoutes(source: DownloadSource): readonly Route[] {
  return [
    organizationRoute({
      method: 'get',
      path: '/invoices',
      operation: 'listOrganizationInvoices',
      tag: TAG,
      summary: 'The invoices of all billing groups, including open estimates',
      query: orgInvoicesQuery,
      answers: { 200: { description: 'The invoices', schema: orgInvoicesAnswer } },
      async run({ caller, query }) {
        const { ctx, accountId } = caller;
        const { items } = await accountInvoices(ctx, accountId, {
          groupIds: listIn(query.billing_group_ids)?.map((id) => resolvedId('bg', id)),
          states: statesIn(query.state),
          from: monthIn('starting_date', query.starting_date),
          to: monthIn('ending_date', query.ending_date),
        });
        const invoices: OrgInvoiceBody[] = [];
        for (const invoice of items) invoices.push(await bodyOf(caller, invoice));
        return json({ invoices });
      },
    }),
    organizationRoute({
      method: 'get',
      path: INVOICE,
      operation: 'getOrganizationInvoice',
      tag: TAG,
      summary: 'An issued invoice of an organization',
      params: orgInvoiceParams,
      answers: { 200: { description: 'The invoice', schema: orgInvoiceSchema } },
      async run({ caller, params }) {
        return json(await bodyOf(caller, await found(caller, params.number)));
      },
    }),
    // both spellings are published
    ...[INVOICE, '/invoices/{number}'].map((path, at) =>
      organizationRoute({
        method: 'get',
        path: `${path}/lines`,
        operation: at === 0 ? 'listOrganizationInvoiceLines' : 'listLinesOfOrganizationInvoice',
        tag: TAG,
        summary: at === 0 ? 'The lines of an invoice' : 'The same lines, under the other published path',
        params: orgInvoiceParams,
        answers: { 200: { description: 'The lines', schema: orgLinesAnswer } },
        async run({ caller, params }) {
          const invoice = await found(caller, params.number);
          const toUsd = await usdFor(caller, invoice);
          const batches = orgLines(caller, invoice, toUsd);
          const etag = linesEtag(caller, invoice, toUsd);
          return { kind: 'long', frame: { lines: [] }, item: orgLineSchema, batches, etag };
        },
      }),
    ),
    organizationRoute({
      method: 'get',
      path: `${INVOICE}/csv`,
      operation: 'downloadOrganizationInvoiceCsv',
      tag: TAG,
      summary: 'The lines of an invoice as CSV in the published order of columns',
      params: orgInvoiceParams,
      answers: { 200: { description: 'The lines', contentType: 'text/csv' } },
      async run({ caller, params }) {
        const invoice = await found(caller, params.number);
        return fileReply(invoice, 'csv', source.publishedCsv(caller.ctx, invoice));
      },
    }),
    organizationRoute({
      method: 'get',
      path: `${INVOICE}/pdf`,
      operation: 'downloadOrganizationInvoicePdf',
      tag: TAG,
      summary: 'An issued invoice as PDF',
      params: orgInvoiceParams,
      answers: { 200: { description: 'The invoice', contentType: 'application/pdf' } },
      async run({ caller, params }) {
        const invoice = await found(caller, params.number);
        if (!isIssued(invoice)) throw new Refusal('invoice_not_issued', {});
        return fileReply(invoice, 'pdf', source.pdf(caller.ctx, invoice));
      },
    }),
    organizationRoute({
      method: 'get',
      path: CREDIT_MEMOS,
      operation: 'listOrganizationCreditMemos',
      tag: TAG,
      summary: 'The credit memos of an organization',
      answers: { 200: { description: 'The credit memos', schema: orgMemosAnswer } },
      async run({ caller }) {
        const credit_memos: OrgMemoBody[] = [];
        for (const memo of (await accountMemos(caller.ctx, caller.accountId, {})).items) {
          credit_memos.push(await memoBody(caller, memo));
        }
        return json({ credit_memos });
      },
    }),
    organizationRoute({
      method: 'get',
      path: `${CREDIT_MEMOS}/{id}`,
      operation: 'getOrganizationCreditMemo',
      tag: TAG,
      summary: 'A credit memo',
      params: orgMemoParams,
      answers: { 200: { description: 'The credit memo', schema: orgMemoSchema } },
      async run({ caller, params }) {
        return json(await memoBody(caller, await memoOf(caller, params.id)));
      },
    }),
    organizationRoute({
      method: 'get',
      path: `${CREDIT_MEMOS}/{id}/pdf`,
      operation: 'downloadOrganizationCreditMemoPdf',
      tag: TAG,
      summary: 'An issued credit memo as PDF',
      params: orgMemoParams,
      answers: { 200: { description: 'The credit memo', contentType: 'application/pdf' } },
      async run({ caller, params }) {
        const { number } = await memoOf(caller, params.id);
        const file = await memoDocument(caller.ctx, caller.accountId, number ?? '', 'pdf');
        return { kind: 'stream', contentType: file.contentType, filename: file.filename, chunks: once(file.body) };
      },
    }),
    organizationRoute({
      method: 'get',
      path: '/emissions',
      operation: 'getOrganizationEmissions',
      tag: TAG,
      summary: 'Always 404: emissions aren’t known here',
      answers: { 200: { description: 'Never returned', schema: z.object({}) } },
      async run() {
        throw apiError(404, 'emissions_not_known', 'Emissions aren’t part of the costs that are imported here.');
      },
    }),
  ];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** An invoice by its number, or an estimate by the number that the list gives it. */
async function found({ ctx, accountId }: Caller, number: string): Promise<GroupInvoice> {
  const [, estimate, group] = ESTIMATE.exec(number) ?? [];
  if (estimate === undefined || group === undefined) return invoiceByNumber(ctx, accountId, number);
  return invoiceOfGroup(ctx, accountId, resolvedId('bg', group), estimate);
}

async function bodyOf(caller: Caller, invoice: GroupInvoice): Promise<OrgInvoiceBody> {
  return orgInvoiceBody(invoice, await usdFor(caller, invoice), caller.ctx.known.account.timeZone);
}

async function* orgLines({ ctx }: Caller, invoice: GroupInvoice, toUsd: ToUsd): AsyncGenerator<OrgLineBody[]> {
  for await (const batch of allLines(ctx, invoice)) {
    yield batch.map((line) => orgLineBody(line, invoice.currency, toUsd));
  }
}

async function memoOf({ ctx, accountId }: Caller, id: string): Promise<AccountMemo> {
  const memo = await accountMemo(ctx, accountId, resolvedId('memo', id));
  if (!memo) throw apiError(404, 'credit_memo_not_found', 'The credit memo doesn’t exist.');
  return memo;
}

async function memoBody({ ctx }: Caller, memo: AccountMemo): Promise<OrgMemoBody> {
  const { currency, issuedAt, sentAt } = memo;
  const toUsd = await usdOf(ctx.known.account, [currency], issuedAt ?? memo.createdAt);
  return {
    credit_memo_id: shownId(memo.id),
    invoice_number: memo.invoiceNumber,
    invoice_period: { begin_time: time(memo.periodBegin), end_time: lastSecond(memo.periodEnd) },
    state: memo.state,
    currency,
    net: toFixedMinor(memo.net, currency),
    net_usd: usd(toUsd(memo.net, currency)),
    total: toFixedMinor(memo.total, currency),
    create_time: time(memo.createdAt),
    ...(issuedAt && { issue_time: time(issuedAt) }),
    ...(sentAt && { send_time: time(sentAt) }),
  };
}

function listIn(text: string | undefined): string[] | undefined {
  const items = text?.split(',').map((one) => one.trim());
  return items?.filter((one) => one !== '');
}

/** @throws {ApiError} 400 for an unknown state */
export function statesIn(text: string | undefined): InvoiceState[] | undefined {
  return listIn(text)?.map((given) => {
    const state = INVOICE_STATES.find((one) => one === given && one !== 'draft');
    if (!state) throw apiError(400, 'invalid_input', `state: There is no state “${given}”.`);
    return state;
  });
}

/** The month of a day. @throws {ApiError} 400 for a day that doesn't exist */
function monthIn(field: string, day: string | undefined): Period | undefined {
  if (day === undefined) return undefined;
  if (!isDay(day.slice(0, 10))) throw apiError(400, 'invalid_input', `${field}: Not a valid date.`);
  return toPeriod(day.slice(0, 7));
}
