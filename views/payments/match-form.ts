import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  getOpenBankLine,
  type PayableOption,
  recordBankLine,
  searchPayable,
} from '../../src/services/settlement/bank-matching.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions } from '../../src/slack/app/listeners.ts';
import { externalSelect, input, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { readTarget } from '../kit/action-target.ts';
import { money } from '../kit/figures.ts';
import { formModal, onForm, openForm, originFrom, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { BANK_LINE_MATCH, lineText, matchText, tooMuchText } from './bank-lines.ts';

const TITLE = 'Match payment';
const FORM = 'bank.match';
const INVOICE = 'bank.match.invoice';

const typedSchema = z.object({ invoice: z.string({ error: 'Choose an invoice.' }) });
type Typed = z.infer<typeof typedSchema>;

/** The form that records an incoming payment for an invoice that a person chooses. */
export function registerBankLineMatch(app: SlackApp, deps: Deps): void {
  onAction(app, BANK_LINE_MATCH, (request, action) =>
    openForm(request, TITLE, async () => {
      const { account, name: line } = readTarget(action.value);
      return form(contextOf(deps, request), originOf(request, { account, more: { line } }, action.view));
    }),
  );
  onOptions(app, INVOICE, async (request, { typed, view }) => {
    const { account, more } = originFrom(view);
    return (await searchPayable(contextOf(deps, request), account, more.line ?? '', typed)).map(invoiceChoice);
  });
  onForm<Typed>(app, deps, FORM, {
    title: TITLE,
    parse: parseWith(typedSchema, 'invoice'),
    again: (_typed, origin, fault, ctx) => form(ctx, origin, fault),
    confirm: {
      kept: typedSchema,
      submit: 'Record payment',
      text: confirmationText,
      back: (_typed, origin, ctx) => form(ctx, origin),
    },
    async work(ctx, typed, origin) {
      return matchText(await recordBankLine(ctx, matchIn(typed, origin)));
    },
  });
}

function matchIn({ invoice }: Typed, { account: accountId, more }: Origin) {
  return { accountId, lineId: more.line ?? '', invoiceIds: [invoice] };
}

/** What a match would do, for a person to confirm: an overpayment can't be undone once its refund is listed. */
async function confirmationText(ctx: Ctx, typed: Typed, origin: Origin): Promise<string> {
  const { parts, currency, tooMuch } = await rehearsed(ctx, (dry) => recordBankLine(dry, matchIn(typed, origin)));
  return parts
    .map(({ number, amount, open }) => {
      const what = `You’re about to record a payment of *${money(amount, currency)}* for invoice *${escapeMrkdwn(number)}*.`;
      const rest = open.isZero()
        ? 'The invoice will be paid in full.'
        : `*${money(open, currency)}* will be left to pay.`;
      return `${what} ${rest}${tooMuchText(tooMuch, currency)}`;
    })
    .join('\n');
}

async function form(ctx: Ctx, origin: Origin, fault?: string): Promise<ModalView> {
  const line = await getOpenBankLine(ctx, origin.account, origin.more.line ?? '');
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Review payment',
    close: 'Cancel',
    origin,
    fault,
    blocks: [
      section(lineText(line)),
      input('invoice', 'Invoice', externalSelect(INVOICE, {}), {
        hint: `Unpaid invoices in ${line.currency}. If the payment is less than the amount left to pay, the rest stays open.`,
      }),
    ],
  });
}

function invoiceChoice({ id, number, billingGroupName, open, currency }: PayableOption) {
  return { text: `${number} · ${billingGroupName} · ${money(open, currency)} open`, value: id };
}
