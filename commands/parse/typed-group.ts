import { findGroup } from '../../src/services/groups/group-lists.ts';
import type { CommandContext } from '../../src/slack/app/listeners.ts';
import { type Caller, callerOf, type Deps } from '../../src/slack/requests/caller.ts';
import { needed } from './needed.ts';
import { phrase, type Word } from './words.ts';

/**
 * A function that finds the billing group whose name was typed, in the caller's account. It can be called once a modal
 * is open.
 *
 * @param usage how to type the command
 * @throws {Refusal} `invalid_command` at once if no name was typed
 */
export function groupTyped(deps: Deps, context: CommandContext, words: readonly Word[], usage: string) {
  const name = needed(phrase(words), 'Enter a billing group.', usage);
  return async (): Promise<Pick<Caller, 'ctx' | 'account'> & { group: Awaited<ReturnType<typeof findGroup>> }> => {
    const { ctx, account } = await callerOf(deps, context);
    return { ctx, account, group: await findGroup(ctx, account._id, name) };
  };
}
