import { cookieMaker } from '../../services/access/download-cookies.ts';
import { ratesStamp, type ToUsd, usdOf } from '../../services/costs/us-dollars.ts';
import {
  allLines,
  type GroupInvoice,
  invoiceByNumber,
  invoiceOfGroup,
  invoicesOfGroup,
  isIssued,
  linesPart,
  nameOfInvoice,
} from '../../services/invoicing/group-invoices.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { invoiceBody, invoiceHeadBody, invoiceRestBody, lineBody } from '../bodies/invoice-bodies.ts';
import { nextCursor, partOf } from '../cursor.ts';
import { resolvedId } from '../ids.ts';
import { type Caller, callerIn, json, type Route, route } from '../route.ts';
import { pagingSchema } from '../schemas/common.ts';
import {
  groupParams,
  invoiceHeadAnswer,
  invoiceListQuery,
  invoiceParams,
  invoicesAnswer,
  type LineBody,
  lineSchema,
  linesAnswer,
  wholeInvoiceAnswer,
} from '../schemas/invoice.ts';
import { etagOf } from '../send.ts';
import { behind, inOrder, type Order, placeOf } from '../sorting.ts';

const TAG = 'Invoices';
/** A client that gets "not modified" has links no older than this. */
const ETAG_MS = 12 * 3_600_000;
/** An invoice with more lines is sent as it is read, and isn't kept in memory. */
const MOST_KEPT_LINES = 500;

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
      const withCookies = {
        invoices: shown.map((one) => invoiceBody(one, isIssued(one) ? cookie(download(one)) : '')),
        ...rest,
      };
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
      const toUsd = await usdFor(caller, invoice);
      const etag = linesEtag(caller, invoice, toUsd);
      if (part.limit === undefined && invoice.lineCount > MOST_KEPT_LINES) {
        return { kind: 'long', frame: { lines: [] }, item: lineSchema, batches: listed(caller, invoice, toUsd), etag };
      }
      const whole = async () => {
        const lines: LineBody[] = [];
        for await (const batch of listed(caller, invoice, toUsd)) lines.push(...batch);
        return { lines };
      };
      const page = async () => {
        const { items, next } = await linesPart(ctx, invoice, part);
        const lines = items.map((line) => lineBody(line, invoice.currency, toUsd));
        return { lines, ...nextCursor(invoice.id, part, next) };
      };
      // an estimate's lines can be newer than its stamp, but nobody asks for that stamp once they are
      const question = JSON.stringify([accountId, invoice.id, part.limit, part.after]);
      return { kind: 'kept', question, stamp: etag, read: part.limit === undefined ? whole : page };
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
      const head = { ...invoiceBody(invoice, cookie(download(invoice))), ...invoiceRestBody(invoice) };
      const toUsd = await usdFor(caller, invoice);
      return {
        kind: 'long',
        frame: { invoice: { ...head, lines: [] } },
        item: lineSchema,
        batches: listed(caller, invoice, toUsd),
        etag: linesEtag(caller, invoice, toUsd, { ...head, download_cookie: '' }),
      };
    },
  }),
];

/** Lines stay the same as long as the invoice's figures and the dollar rate do. */
export function linesEtag(
  { ctx }: Caller,
  { id, version, currency }: GroupInvoice,
  toUsd: ToUsd,
  head?: object,
): string {
  return etagFor(ctx, [id, version, ratesStamp(toUsd, [currency]), head]);
}

/** All lines, a batch at a time, since an invoice can have a hundred thousand. */
async function* listed({ ctx }: Caller, invoice: GroupInvoice, toUsd: ToUsd): AsyncGenerator<LineBody[]> {
  for await (const batch of allLines(ctx, invoice)) {
    yield batch.map((line) => lineBody(line, invoice.currency, toUsd));
  }
}

/** The rate of an issued invoice's day, or today's for an estimate. */
export function usdFor({ ctx }: Caller, invoice: GroupInvoice): Promise<ToUsd> {
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
