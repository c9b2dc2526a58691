import { DateTime } from 'luxon';
import { count } from '../../billing/money/count.ts';
import { periodName } from '../../billing/period/period.ts';
import type { PROJECT_REFUSALS, ProjectUse } from '../../billing/refusals/projects.ts';
import { quotedNames, type TextsOf } from './text.ts';

export const PROJECT_TEXTS: TextsOf<typeof PROJECT_REFUSALS> = {
  move_new_date: ({ wanted, earliest }) =>
    `${periodName(wanted)} has been invoiced, so the move can take effect in ${periodName(earliest)} at the earliest.`,
  move_needs_approval: () => 'This move needs approval, and the account’s settings don’t let the API request it.',
  move_not_found: () => 'This move request no longer exists.',
  move_open_already: ({ projects, more }) => [
    `There is already a pending move for ${quotedNames(projects, more)}.`,
    'Wait for the decision. If the request is yours, you can withdraw it with `/billing requests`.',
  ],
  move_settled: ({ state, decidedAt, timeZone }) =>
    `This move has already been ${state}${decidedAt === null ? '' : ` ${whenIn(timeZone, decidedAt)}`}.`,
  move_some_cant: ({ reasons }) => `Some projects can’t be moved anymore: ${reasons}`,
  no_approver: ({ group, needed, available, couldApproveOwn }) => {
    const but = couldApproveOwn ? ' except you' : '';
    return [
      available === 0
        ? `Nobody${but} can approve moves for “${group}”.`
        : `Moves for “${group}” need ${count(needed, 'approver')}, but only ${available}${but} can approve them.`,
      'Ask an owner to add an approver with `/billing members add @person approver`.',
    ];
  },
  no_project_leads: ({ project }) => [
    `“${project}” has no leads who can be asked.`,
    `Choose its leads with \`/billing project leads ${project}\`. They need a role in the account.`,
  ],
  not_an_approver: ({ isOwn }) =>
    isOwn
      ? 'You can’t decide on your own move request.'
      : 'You need the owner, billing admin or approver role to approve or reject a move.',
  not_yours: () => 'Only the person who requested a move can withdraw it.',
  period_already_invoiced: ({ period, earliest }) =>
    `${periodName(period)} has already been invoiced. The move can take effect at the start of ${periodName(earliest)} at the earliest.`,
  project_in_use: ({ name, because }) => `“${name}” can’t be deleted anymore: ${IN_USE[because]}.`,
  project_name_taken: ({ name }) => `There is already a project named “${name}”. Choose another name.`,
  project_not_found: ({ name, nearest, group }) => {
    if (group !== undefined) return `This project isn’t in “${group}”.`;
    const message = name === undefined ? 'A chosen project no longer exists.' : `There is no project named “${name}”.`;
    return [
      message,
      nearest === undefined ? 'Type `/billing projects` to see all projects.' : `Did you mean “${nearest}”?`,
    ];
  },
  too_many_leads: ({ limit }) => [
    `A project can have at most ${limit} leads.`,
    'To add more people, choose a Slack user group.',
  ],
};

const IN_USE: Readonly<Record<ProjectUse, string>> = {
  costs: 'it has costs',
  pending_move: 'a move request for it is pending',
  moved: 'it has been moved to another billing group',
  credits: 'it has a credit',
  budget: 'it has a budget',
  adjustments: 'it has a discount or a charge',
  notifications: 'notifications are set up for it',
};

/** `on 3 Nov 2026 at 10:00 CET` */
function whenIn(timeZone: string, instant: Date): string {
  return DateTime.fromJSDate(instant, { zone: timeZone }).setLocale('en').toFormat("'on' d LLL yyyy 'at' HH:mm ZZZZ");
}
