import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { titleOfProject } from '../../src/billing/group/names.ts';
import type { MemoSettlement } from '../../src/billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney } from '../../src/billing/money/money.ts';
import { createMemo, memoChoices, previewMemo } from '../../src/services/invoicing/credit-memos.ts';
import type { NewMemo } from '../../src/services/invoicing/memo-freeze.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { REASON_LIMIT } from '../../src/services/settlement/invoice-life.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { type Choice, context, input, radioButtons, section, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, truncate } from '../../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { formModal, onForm, openForm } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { type FindInvoice, originAbove, type ViewBelow } from './invoice-origin.ts';
import { refreshInvoice } from './invoice-refresh.ts';

const FORM = 'invoice.memo';
const TITLE = 'Credit memo';
/** How many lines the form offers: the most expensive ones. */
const MOST_LINES = 30;
const LINE = /^line:(\d+)$/;

const WHOLE: Choice = { text: 'The whole remaining invoice', value: 'whole' };
const PARTS: Choice = { text: 'The amounts below', value: 'parts' };

const typedSchema = z.object({
  scope: z.enum(['whole', 'parts']),
  reason: z.string(),
  /** By the invoice lines' positions. */
  amounts: z.record(z.string(), z.string()),
});
type Typed = z.infer<typeof typedSchema>;

/** Opens the credit memo form for an invoice. */
export async function openMemo(request: RequestContext, find: FindInvoice, view?: ViewBelow): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, account, invoice } = await find();
    return form(ctx, originAbove(request, account, invoice, view));
  });
}

export function registerInvoiceMemo(app: SlackApp, deps: Deps): void {
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse(values) {
      const text = (name: string) => (typeof values[name] === 'string' ? values[name].trim() : '');
      const amounts = Object.keys(values).flatMap((name): [string, string][] => {
        const place = LINE.exec(name)?.[1];
        return place === undefined || text(name) === '' ? [] : [[place, text(name)]];
      });
      const scope = text('scope') === 'parts' ? 'parts' : 'whole';
      if (scope === 'parts' && amounts.length === 0) {
        return { errors: { scope: 'Enter an amount for at least one line, or choose “The whole remaining invoice”.' } };
      }
      if (scope === 'whole' && amounts.length > 0) {
        return { errors: { scope: 'You entered amounts. Choose “The amounts below”, or clear them.' } };
      }
      return { ok: { scope, reason: text('reason'), amounts: Object.fromEntries(amounts) } };
    },
    again: (typed, origin, fault, ctx) => form(ctx, origin, typed, fault),
    confirm: {
      kept: typedSchema,
      submit: 'Issue credit memo',
      async text(ctx, typed, origin) {
        const memo = await previewMemo(ctx, memoOf(typed, origin));
        const of = `for invoice *${escapeMrkdwn(memo.invoiceNumber)}*`;
        const total = formatMoney(memo.total, memo.currency);
        return `You’re about to issue a credit memo of *${total}* including tax ${of}.${settledText(memo)}`;
      },
      back: (typed, origin, ctx) => form(ctx, origin, typed),
    },
    async work(ctx, typed, origin, request) {
      const wish = memoOf(typed, origin);
      const memo = await createMemo(ctx, wish);
      await refreshInvoice(request, ctx, origin.account, wish.invoiceId, origin.more.list);
      const total = formatMoney(memo.total, memo.currency);
      return `Issued credit memo *${escapeMrkdwn(memo.number ?? '')}*: ${total} including tax.${settledText(memo)}`;
    },
  });
}

function memoOf({ scope, reason, amounts }: Typed, { account, more }: Origin): NewMemo {
  return {
    ...{ accountId: account, invoiceId: more.invoice ?? '', reason },
    ...(scope === 'parts' && { amounts }),
    ...(more.seen !== undefined && { seen: Number(more.seen) }),
  };
}

/** Where a memo's money goes. */
function settledText({ currency, ...memo }: MemoSettlement & { readonly currency: string }): string {
  const money = (amount: Decimal) => formatMoney(amount, currency);
  const parts = [
    ...(memo.offset.gt(0) ? [`${money(memo.offset)} deducted from the amount due`] : []),
    ...(memo.refund.gt(0) ? [`${money(memo.refund)} will be refunded`] : []),
    ...(memo.returned.gt(0) ? [`${money(memo.returned)} returned to credits`] : []),
  ];
  return parts.length === 0 ? '' : `\n${parts.join(', ')}.`;
}

async function form(ctx: Ctx, origin: Origin, typed?: Typed, fault?: string): Promise<ModalView> {
  const choices = await memoChoices(ctx, origin.account, origin.more.invoice ?? '', MOST_LINES);
  const { number, currency, seen, lines } = choices;
  const scope = radioButtons('invoice.memo.scope', [WHOLE, PARTS], typed?.scope === 'parts' ? PARTS : WHOLE);
  const reason = textInput('invoice.memo.reason', { initial: typed?.reason, maxLength: REASON_LIMIT });
  const fields = lines.map((line): KnownBlock => {
    const label = `${line.projectName === '' ? '' : `${titleOfProject({ name: line.projectName, label: line.projectLabel })}: `}${line.description}`;
    const initial = typed?.amounts[String(line.place)];
    const left = formatMoney(line.left, currency);
    return input(
      `line:${line.place}`,
      truncate(label, 150),
      textInput(`invoice.memo.line.${line.place}`, { initial, maxLength: 24, placeholder: left }),
      { optional: true, hint: `Before tax. At most ${left} of this line can be credited.` },
    );
  });
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Review credit memo',
    close: 'Cancel',
    // the number of memos that the person saw first, so that memos created since aren't duplicated
    origin: { ...origin, more: { ...origin.more, seen: origin.more.seen ?? String(seen) } },
    fault,
    blocks: [
      section(`It corrects invoice *${escapeMrkdwn(number)}*, which itself never changes. Tax is credited too.`),
      input('reason', 'Reason', reason, { hint: 'Printed on the credit memo.' }),
      input('scope', 'Amount', scope),
      ...fields,
      ...(lines.length === MOST_LINES ? [context(`Only the ${MOST_LINES} largest lines are listed.`)] : []),
    ],
  });
}
