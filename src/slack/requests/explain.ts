import type { types } from '@slack/bolt';
import type { Refusal } from '../../billing/refusal.ts';
import { context, modal, section } from '../blocks/blocks.ts';
import { code, escapeMrkdwn, mention } from '../blocks/mrkdwn.ts';
import { fieldWords, refusalWords } from '../refusal-texts/index.ts';
import type { Reply } from './reply.ts';

/** What a person sees when something didn't work, as a message and as a modal. */
export interface Words extends Reply {
  readonly blocks: readonly types.KnownBlock[];
  readonly title: string;
}

/** A refusal: its sentence, the problem with each field, what to do, and who can help. */
export function refusalSentence(refusal: Refusal): Words {
  const { message, wayOut } = refusalWords(refusal);
  const sentence = escapeMrkdwn(message);
  // the message about an invalid field contains its sentence
  const problems = Object.values(fieldWords(refusal) ?? {}).filter(
    (problem) => !problem.includes(message) && !message.includes(problem),
  );
  const fields = problems.map((problem) => `• ${escapeMrkdwn(problem)}`);
  const advice = wayOut === undefined ? [] : [withCommands(wayOut)];
  const people = refusal.people.length === 0 ? [] : [`Who can help: ${refusal.people.map(mention).join(', ')}`];
  return {
    title: 'That didn’t work',
    text: [sentence, ...fields, ...advice, ...people].join('\n'),
    blocks: [
      section([sentence, ...fields].join('\n')),
      ...advice.map((text) => section(text)),
      ...people.map((text) => context(text)),
    ],
  };
}

/** A fault: its cause isn't shown, only an ID for finding it in the log. */
export function faultSentence(faultId: string, cause: unknown): Words {
  const sentence = `Something went wrong on our side (error ${faultId}).`;
  const comfort = isSlackError(cause)
    ? 'Slack didn’t accept our response, but your request may have been carried out. Check before you try again.'
    : 'Nothing was changed halfway, so it’s safe to try again. If it happens again, give the error ID to the person who runs this app.';
  return {
    title: 'Something went wrong',
    text: `${sentence} ${comfort}`,
    blocks: [section(`${sentence}\n${comfort}`)],
  };
}

const REPEATED_SENTENCE = 'This request was received twice and processed once. Nothing was changed a second time.';

/** Shown when the request was already carried out by a process that can't be asked for its answer. */
export const REPEATED: Words = {
  title: 'Already done',
  text: REPEATED_SENTENCE,
  blocks: [section(REPEATED_SENTENCE)],
};

const SLOW_SENTENCE = 'This is taking longer than usual. You’ll get a message here when it’s done.';
const FINISHED_SENTENCE = 'Your request took longer than usual and is done now.';

/** Shown while a request is waiting, such as for the database. */
export const SLOW: Words = { title: 'Still working', text: SLOW_SENTENCE, blocks: [section(SLOW_SENTENCE)] };

/** Shown afterwards, if nothing else says that it was done. */
export const FINISHED: Words = { title: 'Done', text: FINISHED_SENTENCE, blocks: [section(FINISHED_SENTENCE)] };

export function modalOf(words: Words): types.ModalView {
  return modal({ title: words.title, blocks: words.blocks });
}

/** Plain text with text between backticks shown as code, for copying. */
function withCommands(text: string): string {
  const parts = text.split('`');
  // a single trailing backtick opens nothing
  if (parts.length % 2 === 0) return escapeMrkdwn(text);
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : escapeMrkdwn(part))).join('');
}

function isSlackError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('slack_');
}
