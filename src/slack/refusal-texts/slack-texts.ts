import { CARD_NUMBER_FAULT } from '../../billing/group/card.ts';
import type { SLACK_REFUSALS } from '../../billing/refusals/slack.ts';
import type { TextsOf } from './text.ts';

const KIB = 1024;

const NO_MEMBERS = {
  app: 'Apps and bots can’t be members.',
  deactivated: 'Deactivated Slack users can’t be members.',
  outsider: 'People from another workspace can’t be members.',
  unknown: 'This person isn’t in Slack.',
  user_group_gone: 'This user group no longer exists in Slack.',
} as const;

const WITHOUT_BYTES = {
  elsewhere: [
    'This file isn’t stored in Slack, so it can’t be read.',
    'Download it to your computer, then upload it to Slack.',
  ],
  email: ['This is an email.', 'Download its attachment, then upload that to Slack.'],
  document: ['This is a canvas, post or list that was written in Slack.', 'Upload the costs as a CSV or Parquet file.'],
} as const;

export const SLACK_TEXTS: TextsOf<typeof SLACK_REFUSALS> = {
  card_number: () => CARD_NUMBER_FAULT,
  channel_shared_outside: ({ remedy }) => [
    'This channel is shared with another organization, whose members could read your invoices.',
    remedy,
  ],
  command_too_long: ({ limit }) =>
    `This command is too long. A command can have at most ${limit.toLocaleString('en')} characters.`,
  file_external: ({ instead }) => WITHOUT_BYTES[instead ?? 'elsewhere'],
  file_gone: () => ['This file no longer exists in Slack, or the app can’t read it.', 'Upload it again.'],
  file_not_taken: ({ name, reason }) => [
    `Slack rejected the file ${name} (${reason}).`,
    'Try again in a minute. If it happens again, ask the operator of this app to check the `files:write` scope and the workspace’s file settings.',
  ],
  file_too_large: ({ maxBytes }) => [
    `This file is larger than ${size(maxBytes)}.`,
    'Split it into smaller files, for example one for each month.',
  ],
  foreign_workspace: () => 'This app is only available to members of the workspace where it is installed.',
  invalid_command: ({ problem, usage }) => [problem, usage],
  needs_slash_command: () => [
    'A direct message can’t open a form.',
    'Type the same words as a slash command, after `/billing`.',
  ],
  not_of_this_workspace: ({ because }) => NO_MEMBERS[because],
  picture_unavailable: () => 'The picture couldn’t be downloaded from Slack. Choose it again.',
  subscription_not_found: () => [
    'This subscription no longer exists.',
    'Type `/billing notify list` to see all subscriptions.',
  ],
  too_many_subscriptions: ({ limit }) => [
    `A channel can have at most ${limit} subscriptions.`,
    'Remove one first with `/billing notify list`.',
  ],
  unclosed_quote: ({ before, position }) => [
    `The quotation mark ${before === '' ? 'at the end' : `before “${before}”`} (character ${position}) isn’t closed.`,
    'Add a closing quotation mark after the name. If the mark is part of the name, put a backslash before it.',
  ],
  view_outdated: () => ['This form or button is from an earlier version of the app.', 'Close it and open it again.'],
};

function size(bytes: number): string {
  return bytes >= KIB ** 3 ? `${bytes / KIB ** 3} GB` : `${Math.floor(bytes / KIB ** 2)} MB`;
}
