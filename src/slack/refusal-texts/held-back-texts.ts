import { OUTSIDE_NOT_ALONE, RATE_REVIEW_DUE, RATE_UNKNOWN } from '../../billing/tax/tax-words.ts';
import { code, escapeMrkdwn } from '../blocks/mrkdwn.ts';

/** The command that resolves each reason for holding back invoices, shown after the sentence that explains it. */
const WAYS_OUT: readonly (readonly [reason: string, command: string])[] = [
  [RATE_UNKNOWN, `To enter a tax rate, type ${code('/billing tax set RATE FROM')}.`],
  [OUTSIDE_NOT_ALONE, `To set a tax rate, type ${code('/billing tax set RATE')}.`],
];

/** Why an invoice is held back, for people in Slack, with the command that helps if there is one. */
export function heldBackText(reason: string): string {
  const commands = WAYS_OUT.filter(([words]) => reason.includes(words)).map(([, command]) => command);
  return [escapeMrkdwn(reason), ...commands].join(' ');
}

/** Missing seller details, for people in Slack. */
export function sellerLackText(lack: string): string {
  const command = lack.includes(RATE_REVIEW_DUE) ? ` with ${code('/billing tax set')} if needed` : '';
  return `${escapeMrkdwn(lack)}${command}`;
}
