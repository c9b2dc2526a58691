import { conflict, forbidden, invalid, notFound, unavailable } from './kind.ts';

/**
 * Errors that only occur in Slack: commands, forms, files, channels and notifications. The API never responds with
 * these.
 */
export const SLACK_REFUSALS = {
  card_number: invalid(),
  /** `remedy` says what to choose instead. */
  channel_shared_outside: conflict<{ readonly remedy: string }>(),
  command_too_long: invalid<{ readonly limit: number }>(),
  file_external: invalid<{ readonly instead?: 'email' | 'document' }>(),
  file_gone: notFound(),
  file_not_taken: unavailable<{ readonly name: string; readonly reason: string }>(),
  file_too_large: invalid<{ readonly maxBytes: number }>(),
  foreign_workspace: forbidden(),
  /** Text that a subcommand can't read: the problem and what to type instead, from the command's parser. */
  invalid_command: invalid<{ readonly problem: string; readonly usage: string }>(),
  needs_slash_command: invalid(),
  not_of_this_workspace: invalid<{
    readonly because: 'app' | 'deactivated' | 'outsider' | 'unknown' | 'user_group_gone';
  }>('people'),
  picture_unavailable: unavailable(),
  subscription_not_found: notFound(),
  too_many_subscriptions: conflict<{ readonly limit: number }>(),
  /**
   * `before` is the word before the quotation mark, empty at the end of the text; `position` counts characters from 1.
   */
  unclosed_quote: invalid<{ readonly before: string; readonly position: number }>(),
  view_outdated: conflict(),
};
