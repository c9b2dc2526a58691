import type { Button, KnownBlock } from '@slack/types';
import type { LogEntry } from '../../src/billing/event/event.ts';
import {
  type EventButton,
  type EventKind,
  eventKindName,
  kindOf,
  ruleOf,
} from '../../src/billing/event/event-types.ts';
import type { InvoiceState } from '../../src/billing/invoice/invoice.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { GROUP_OPEN } from '../group/tab.ts';
import { INVOICE_VIEW } from '../invoices/invoice-issued.ts';
import { nextSteps } from '../invoices/invoice-settlement.ts';
import { target } from '../kit/action-target.ts';
import { count, moment } from '../kit/figures.ts';
import { EVENTS_OPEN } from '../kit/open-actions.ts';
import { eventText } from '../kit/person.ts';

/** How many entries a folded message names; the others are behind its button. */
const MOST_NAMED = 10;

/** One thing that happened: what, who and when, and the way to what it is about. */
export function entryMessage(entry: LogEntry): Message {
  const text = eventText(entry);
  const blocks: KnownBlock[] = [section(text), context(`${who(entry)} · ${moment(entry.createTime)}`)];
  const buttons = buttonsOf(entry);
  if (buttons.length > 0) blocks.push(actions(buttons));
  return { text, blocks };
}

/** The same thing many times over: how often, the first few, and the way to all of them. */
export function burstMessage(entries: readonly LogEntry[]): Message {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) throw new RangeError('A burst without entries');
  const title = `${count(entries.length, 'event')}: ${eventKindName(kindOf(first.type))}`;
  const text = `${title}, beginning with “${eventText(first)}”`;
  return {
    text,
    blocks: [
      section(`*${title}*\n${named(entries)}`),
      context(`${who(first)} · ${moment(first.createTime)}`),
      actions([listButton(entries), ...buttonsOf(first).slice(0, 1)]),
    ],
  };
}

/** What has gathered: how much of each kind, and the latest of it. */
export function digestMessage(entries: readonly LogEntry[]): Message {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) throw new RangeError('A digest without entries');
  const counts = new Map<EventKind, number>();
  for (const { type } of entries) counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1);
  const sums = [...counts].map(([kind, number]) => `• ${eventKindName(kind)}: ${number}`).join('\n');
  const text = `${count(entries.length, 'event')} since ${moment(first.createTime)}`;
  return {
    text,
    blocks: [
      section(
        `*${count(entries.length, 'event')}*, ${moment(first.createTime)} to ${moment(last.createTime)}\n${sums}`,
      ),
      section(`*The latest*\n${named([...entries].reverse())}`),
      actions([listButton(entries)]),
    ],
  };
}

/** A message with those in front who are to be mentioned. */
export function withMentions(message: Message, ids: readonly string[]): Message {
  if (ids.length === 0) return message;
  const words = ids.map((id) => (id.startsWith('S') ? `<!subteam^${id}>` : mention(id))).join(' ');
  return { text: `${words} ${message.text}`, blocks: [section(words), ...message.blocks] };
}

function named(entries: readonly LogEntry[]): string {
  const lines = entries.slice(0, MOST_NAMED).map((entry) => `• ${eventText(entry)}`);
  const rest = entries.length - lines.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

function listButton(entries: readonly LogEntry[]) {
  const [first] = entries;
  const last = entries.at(-1);
  const value = target({
    account: first?.accountId ?? '',
    from: String(first?.logEntryId ?? ''),
    to: String(last?.logEntryId ?? ''),
  });
  return button('Show all', EVENTS_OPEN, { value });
}

function who({ actor }: LogEntry): string {
  if (/^[UW][A-Z0-9]+$/.test(actor)) return `By ${mention(actor)}`;
  return actor === 'automation' ? 'Automatic' : `By ${escapeMrkdwn(actor)}`;
}

type ButtonBuilder = (entry: LogEntry) => Button[];

/** Each gives nothing if the entry doesn't name what it opens. */
const BUTTONS: Readonly<Record<EventButton, ButtonBuilder>> = {
  settle_failed_charge: (entry) => settlement(entry, 'failed_credit_card_charge'),
  settle_late_invoice: (entry) => settlement(entry, 'mailed'),
  view_invoice: ({ accountId, invoiceId }) =>
    invoiceId === undefined
      ? []
      : [button('View invoice', INVOICE_VIEW, { value: target({ account: accountId, invoice: invoiceId }) })],
  open_group: ({ accountId, billingGroupId }) =>
    billingGroupId === undefined
      ? []
      : [button('Open group', GROUP_OPEN, { value: target({ account: accountId, group: billingGroupId }) })],
};

function buttonsOf(entry: LogEntry): Button[] {
  return ruleOf(entry.type).buttons.flatMap((name) => BUTTONS[name](entry));
}

/** What can be done about an invoice that is in this state, without the menu of less usual actions. */
function settlement({ accountId, invoiceId }: LogEntry, state: InvoiceState): Button[] {
  if (invoiceId === undefined) return [];
  return nextSteps({ accountId, id: invoiceId, state, number: null }).filter((step) => step.type === 'button');
}
