import type { Button, KnownBlock } from '@slack/types';
import { entryNumbersText } from '../../src/billing/event/entry-numbers.ts';
import type { LogEntry } from '../../src/billing/event/event.ts';
import {
  type EventButton,
  type EventKind,
  eventKindName,
  kindOf,
  ruleOf,
} from '../../src/billing/event/event-types.ts';
import type { InvoiceState } from '../../src/billing/invoice/invoice.ts';
import type { NoticeFacts } from '../../src/services/notices/notice-facts.ts';
import { nameDialogs } from '../../src/slack/blocks/account-name.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { GROUP_OPEN } from '../group/tab.ts';
import { nextSteps } from '../invoices/invoice-settlement.ts';
import { target } from '../kit/action-target.ts';
import { count, moment } from '../kit/figures.ts';
import { EVENTS_OPEN, INVOICE_VIEW } from '../kit/open-actions.ts';
import { eventSentence } from './sentence.ts';

/** How many entries a combined message names. Its button shows the others. */
const MOST_NAMED = 10;
/** How long the numbers of entries can be in a button's value, and in those of the log's view, with what else they carry. */
const MOST_CHARACTERS = 1_500;
/** This many always fit. */
const PART = 150;

/** One event: who did what and when, with buttons for what it is about. */
export function entryMessage(entry: LogEntry, facts: NoticeFacts): Message {
  const text = eventSentence(entry, facts);
  const blocks: KnownBlock[] = [section(text), context(`${account(facts)}${moment(entry.createTime)}`)];
  const buttons = buttonsOf(entry);
  if (buttons.length > 0) blocks.push(actions(buttons));
  return { text, blocks: naming(blocks, facts) };
}

/** Several events of the same kind: their number, the first few, and a button that shows all. */
export function burstMessage(entries: readonly LogEntry[], facts: NoticeFacts): Message {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) throw new RangeError('A burst without entries');
  const title = `${count(entries.length, 'event')} about ${eventKindName(kindOf(first.type))}`;
  const text = `${eventSentence(first, facts)} (first of ${title})`;
  return {
    text,
    blocks: [
      section(`*${title}*`),
      ...named(entries, facts),
      context(`${account(facts)}${moment(first.createTime)}`),
      ...listButtons(entries).map((one) => actions([one])),
    ],
  };
}

/** A digest: the number of events of each kind, and the latest ones. */
export function digestMessage(entries: readonly LogEntry[], facts: NoticeFacts): Message {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) throw new RangeError('A digest without entries');
  const counts = new Map<EventKind, number>();
  for (const { type } of entries) counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1);
  const sums = [...counts].map(([kind, number]) => `• ${eventKindName(kind)}: ${number}`).join('\n');
  const text = `${account(facts)}${count(entries.length, 'event')} since ${moment(first.createTime)}`;
  return {
    text,
    blocks: [
      section(
        `${account(facts)}*${count(entries.length, 'event')}*, ${moment(first.createTime)} to ${moment(last.createTime)}\n${sums}`,
      ),
      section('*Latest events*'),
      ...named([...entries].reverse(), facts),
      ...listButtons(entries).map((one) => actions([one])),
    ],
  };
}

/** A message with the account's name at the end and in its dialogs, if the workspace has several accounts. */
export function withAccount(message: Message, facts: Pick<NoticeFacts, 'accountName'>): Message {
  const { accountName } = facts;
  if (accountName === undefined) return message;
  return { ...message, blocks: [...naming(message.blocks, facts), context(`Account: *${escapeMrkdwn(accountName)}*`)] };
}

function naming(blocks: KnownBlock[], { accountName }: Pick<NoticeFacts, 'accountName'>): KnownBlock[] {
  return accountName === undefined ? blocks : nameDialogs(blocks, accountName);
}

/** A message with mentions of people and user groups at the end, so that it still starts with what happened. */
export function withMentions(message: Message, ids: readonly string[]): Message {
  if (ids.length === 0) return message;
  const words = ids.map((id) => (id.startsWith('S') ? `<!subteam^${id}>` : mention(id))).join(' ');
  return { text: `${message.text} cc ${words}`, blocks: [...message.blocks, section(`cc ${words}`)] };
}

/** Events one below the other, each with the button for what it is about. */
function named(entries: readonly LogEntry[], facts: NoticeFacts): KnownBlock[] {
  const shown = entries.slice(0, MOST_NAMED);
  const rest = entries.length - shown.length;
  const lines = shown.map((entry) => {
    const [accessory] = buttonsOf(entry, VIEWING);
    return section(`• ${lineOf(entry, facts)}`, accessory && { accessory });
  });
  return naming([...lines, ...(rest > 0 ? [context(`… and ${rest} more`)] : [])], facts);
}

/** An event's sentence, with its billing group unless the sentence names it. */
function lineOf(entry: LogEntry, facts: NoticeFacts): string {
  const text = eventSentence(entry, facts);
  const group = facts.groupNames.get(entry.billingGroupId ?? '');
  if (group === undefined || text.includes(`"${escapeMrkdwn(group)}"`)) return text;
  return `${text} · *${escapeMrkdwn(group)}*`;
}

/** Opens the log with exactly these events. If they don’t fit into one button, each button opens a part of them. */
function listButtons(entries: readonly LogEntry[]): Button[] {
  const account = entries[0]?.accountId ?? '';
  const numbers = entries.map(({ logEntryId }) => logEntryId).sort((a, b) => a - b);
  const show = (label: string, part: readonly number[]) =>
    button(label, EVENTS_OPEN, { value: target({ account, entries: entryNumbersText(part) }) });
  if (entryNumbersText(numbers).length <= MOST_CHARACTERS) return [show('Show all', numbers)];
  const parts = Array.from({ length: Math.ceil(numbers.length / PART) }, (_, at) => at * PART);
  return parts.map((from) => {
    const part = numbers.slice(from, from + PART);
    return show(`Show ${from + 1}–${from + part.length}`, part);
  });
}

/** The account's name before a line, if the workspace has several accounts. */
function account({ accountName }: NoticeFacts): string {
  return accountName === undefined ? '' : `${escapeMrkdwn(accountName)} · `;
}

type ButtonBuilder = (entry: LogEntry) => Button[];

/** The buttons that change nothing, for a line among others. */
const VIEWING: readonly EventButton[] = ['view_invoice', 'open_group'];

/** Each returns nothing if the entry doesn't name what it would open. */
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

function buttonsOf(entry: LogEntry, of: readonly EventButton[] = ruleOf(entry.type).buttons): Button[] {
  return ruleOf(entry.type)
    .buttons.filter((name) => of.includes(name))
    .flatMap((name) => BUTTONS[name](entry));
}

/** The next steps for an invoice in this state, without the menu of less frequent actions. */
function settlement({ accountId, invoiceId }: LogEntry, state: InvoiceState): Button[] {
  if (invoiceId === undefined) return [];
  return nextSteps({ accountId, id: invoiceId, state, number: null }).filter((step) => step.type === 'button');
}
