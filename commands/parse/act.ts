import { Refusal } from '../../src/billing/refusal.ts';
import { meant } from './name-beginning.ts';
import type { Word } from './words.ts';

/**
 * What a command with several actions is asked to do, by the name of the action or its beginning; `list` if nothing is
 * typed.
 *
 * @param usage the command's usage, without its name
 * @throws {Refusal} `invalid_command`
 */
export function actOf<Act extends string>(
  acts: readonly (Act | 'list')[],
  first: Word | undefined,
  { command, usage }: { readonly command: string; readonly usage: string },
): Act | 'list' {
  if (!first) return 'list';
  const [act, ...others] = meant(acts, first.text);
  if (act && others.length === 0) return act;
  throw new Refusal('invalid_command', {
    problem: `There is no ${command} command “${first.text}”.`,
    usage: `Type \`/billing ${command} ${usage}\`.`,
  });
}
