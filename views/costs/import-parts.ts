import type { KnownBlock } from '@slack/types';
import { section } from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { listText } from '../kit/figures.ts';

/** How many characters of a name or reason are shown, so that a section stays within Slack's limit. */
const MAX_TEXT = 160;

/** A title with the first lines of a list, and how many more there are. No block if the list is empty. */
export function listPart(title: string, lines: readonly string[], shown: number, total = lines.length): KnownBlock[] {
  return lines.length === 0 ? [] : [section(`*${title}*\n${listText(lines, shown, total)}`)];
}

/** What is wrong with a row of a file, with its place. */
export function remarkLine(of: {
  readonly file?: string;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}): string {
  const place = of.file === undefined ? `Line ${of.line}` : `${cut(of.file)}, line ${of.line}`;
  return `${place}, ${code(of.column)}: ${cut(of.reason)}`;
}

/** The beginning of a name or reason, escaped. */
export function cut(text: string): string {
  const letters = [...text];
  return escapeMrkdwn(letters.length <= MAX_TEXT ? text : `${letters.slice(0, MAX_TEXT - 1).join('')}…`);
}
