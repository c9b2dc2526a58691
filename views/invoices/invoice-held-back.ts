import { type Period, periodName } from '../../src/billing/period/period.ts';
import { section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { heldBackText } from '../../src/slack/refusal-texts/held-back-texts.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';

/** The message about an invoice that can't be issued yet. */
export function invoiceHeldBackMessage(of: { groupName: string; period: Period; reason: string }): Message {
  const title = `The invoice of ${escapeMrkdwn(of.groupName)} for ${periodName(of.period)} is held back`;
  const text = `*${title}*\n${heldBackText(of.reason)} It stays an estimate until then and is issued automatically afterwards.`;
  return { text: `${title}: ${heldBackText(of.reason)}`, blocks: [section(text)] };
}
