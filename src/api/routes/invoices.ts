import { Decimal } from '../../billing/money/money.ts';
import { cookieMaker } from '../../services/access/download-cookies.ts';
import { type ToUsd, usdOf } from '../../services/costs/us-dollars.ts';
import {
  allLines,
  type GroupInvoice,
  invoiceByNumber,
  invoiceOfGroup,
  invoicesOfGroup,
  linesPart,
  nameOfInvoice,
} from '../../services/invoicing/group-invoices.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { invoiceBody, invoiceHeadBody, invoiceRestBody, lineBody } from '../bodies.ts';
import { nextCursor, partOf } from '../cursor.ts';
import { resolvedId } from '../ids.ts';
import { type Caller, callerIn, json, type Reply, type Route, route } from '../route.ts';
import { pagingSchema } from '../schemas/common.ts';
import {
  groupParams,
  invoiceHeadAnswer,
  invoiceListQuery,
  invoiceParams,
  invoicesAnswer,
  lineSchema,
  linesAnswer,
  wholeInvoiceAnswer,
  wholeInvoiceSchema,
} from '../schemas/invoice.ts';
import { etagOf } from '../send.ts';
import { behind, inOrder, type Order, placeOf } from '../sorting.ts';

const TAG = 'Invoices';
/** Enough to show every digit of a rate. */
const A_BILLION = new Decimal(1e9);
/** A client that gets "not modified" has links no older than this. */
const ETAG_MS = 12 * 3_600_000;

export const invoiceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/billing-group/{id}/invoice',
    operation: 'listBillingGroupInvoices',
    tag: TAG,
    summary: 'The invoices of a billing group, including the open estimate',
    access: 'billing:read',
    params: groupParams,
    query: invoiceListQuery,
    answers: { 200: { description: 'The invoices', schema: invoicesAnswer } },
    async run({ caller, params, query: { sort, order, ...query } }) {
      const { ctx, accountId } = callerIn({ caller });
      const by: Order = { sort, order };
      const name = `invoices ${sort ?? ''} ${order ?? ''}`;
      const part = partOf(name, query);
      const all = inOrder(await invoicesOfGroup(ctx, accountId, resolvedId('bg', params.id)), by);
      const from = part.after === undefined ? all : behind(all, part.after, by);
      const shown = from.slice(0, part.limit);
      const last = from.length > shown.length ? shown.at(-1) : undefined;
      const cookie = await cookieMaker(ctx);
      const rest = nextCursor(name, part, last && placeOf(last, by));
      const withCookies = { invoices: shown.map((one) => invoiceBody(one, cookie(download(one)))), ...rest };
      return {
        ...json(withCookies),
        etag: etagFor(ctx, { invoices: shown.map((one) => invoiceBody(one, '')), ...rest }),
      };
    },
  }),
  route({
    method: 'get',
    path: '/billing-group/{id}/invoice/{number}',
    operation: 'getBillingGroupInvoice',
    tag: TAG,
    summary: 'An invoice without its lines',
    access: 'billing:read',
    params: invoiceParams,
    answers: { 200: { description: 'The invoice', schema: invoiceHeadAnswer } },
    async run({ caller, params }) {
      const { ctx, accountId } = callerIn({ caller });
      const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
      return json({ invoice: invoiceHeadBody(invoice) });
    },
  }),
  route({
    method: 'get',
    path: '/billing-group/{id}/invoice/{number}/lines',
    operation: 'listBillingGroupInvoiceLines',
    tag: TAG,
    summary: 'The lines of an invoice, in their order',
    access: 'billing:read',
    params: invoiceParams,
    query: pagingSchema,
    answers: { 200: { description: 'The lines', schema: linesAnswer } },
    async run({ caller: sent, params, query }) {
      const caller = callerIn({ caller: sent });
      const { ctx, accountId } = caller;
      const invoice = await invoiceOfGroup(ctx, accountId, resolvedId('bg', params.id), params.number);
      const part = partOf(invoice.id, query);
      if (part.limit === undefined) return wholeLines(caller, invoice);
      const toUsd = await usdFor(caller, invoice);
      const { items, next } = await linesPart(ctx, invoice, part);
      const lines = items.map((line) => lineBody(line, invoice.currency, toUsd));
      return json({ lines, ...nextCursor(invoice.id, part, next) });
    },
  }),
  route({
    method: 'get',
    path: '/invoices/{number}',
    operation: 'getWholeInvoice',
    tag: TAG,
    summary: 'An issued invoice with all its details',
    access: 'billing:read',
    params: invoiceParams.pick({ number: true }),
    answers: { 200: { description: 'The invoice', schema: wholeInvoiceAnswer } },
    async run({ caller: sent, params }) {
      const caller = callerIn({ caller: sent });
      const invoice = await invoiceByNumber(caller.ctx, caller.accountId, params.number);
      const cookie = await cookieMaker(caller.ctx);
      const head = wholeInvoiceSchema
        .omit({ lines: true })
        .parse({ ...invoiceBody(invoice, cookie(download(invoice))), ...invoiceRestBody(invoice) });
      const open = `{"invoice":${JSON.stringify(head).slice(0, -1)},"lines":[`;
      const toUsd = await usdFor(caller, invoice);
      const chunks = listed(caller, invoice, { open, close: ']}}', toUsd });
      const etag = linesEtag(caller, invoice, toUsd, { ...head, download_cookie: '' });
      return { kind: 'stream', contentType: 'application/json', chunks, etag };
    },
  }),
];

/** Streamed, since an invoice can have a hundred thousand lines. */
async function wholeLines(caller: Caller, invoice: GroupInvoice): Promise<Reply> {
  const toUsd = await usdFor(caller, invoice);
  const chunks = listed(caller, invoice, { open: '{"lines":[', close: ']}', toUsd });
  return { kind: 'stream', contentType: 'application/json', chunks, etag: linesEtag(caller, invoice, toUsd) };
}

/** Lines stay the same as long as the invoice's figures and the dollar rate do. */
function linesEtag({ ctx }: Caller, { id, version, currency }: GroupInvoice, toUsd: ToUsd, head?: object): string {
  return etagFor(ctx, [id, version, toUsd(A_BILLION, currency), head]);
}

/** Every line is checked by its schema before it is sent, like every other answer. */
async function* listed(
  { ctx }: Caller,
  invoice: GroupInvoice,
  { open, close, toUsd }: { open: string; close: string; toUsd: ToUsd },
): AsyncGenerator<string> {
  yield open;
  let separator = '';
  for await (const batch of allLines(ctx, invoice)) {
    const lines = batch.map((line) => JSON.stringify(lineSchema.parse(lineBody(line, invoice.currency, toUsd))));
    yield separator + lines.join(',');
    separator = ',';
  }
  yield close;
}

/** The rate of an issued invoice's day, or today's for an estimate. */
function usdFor({ ctx }: Caller, invoice: GroupInvoice): Promise<ToUsd> {
  return usdOf(ctx.known.account, [invoice.currency], invoice.issuedAt ?? ctx.clock.now());
}

/** Depends only on what is shown, without the links, which would be new each time. */
function etagFor({ clock }: Pick<Ctx, 'clock'>, shown: unknown): string {
  return etagOf(JSON.stringify([Math.floor(clock.now().getTime() / ETAG_MS), shown]));
}

function download(invoice: GroupInvoice) {
  const { accountId, billingGroupId } = invoice;
  return { accountId, billingGroupId, invoice: nameOfInvoice(invoice) };
}
