import type { ACCOUNT_REFUSALS } from '../../billing/refusals/accounts.ts';
import { quotedNames, type TextsOf } from './text.ts';

const NO_SET_UP = {
  full_member: 'Only an admin or owner of this Slack workspace can set up an account.',
  guest: 'Guests can’t set up an account.',
  outsider: 'People from other organizations can’t set up an account in this workspace.',
  deactivated: 'Deactivated users can’t set up an account.',
  app: 'Apps and bots can’t set up an account.',
} as const;

/** Why an account's time zone can't be changed. Also used in the settings form. */
export const NO_TIME_ZONE_CHANGE = {
  invoices: 'The time zone can’t be changed after the first invoice.',
  costs: 'The time zone can’t be changed after costs have been imported.',
  imports: 'The time zone can’t be changed while costs are being imported.',
} as const;

export const ACCOUNT_TEXTS: TextsOf<typeof ACCOUNT_REFUSALS> = {
  account_name_taken: ({ name }) => `There is already an account named “${name}”. Choose another name.`,
  account_not_found: ({ name, choices = [] }) => [
    name === undefined ? 'You don’t belong to this account.' : `You don’t belong to an account named “${name}”.`,
    choices.length > 0
      ? `Your accounts: ${quotedNames(choices)}.`
      : 'Type `/billing account` to see the accounts you belong to.',
  ],
  ambiguous_name: ({ kind, name, candidates, hasMore }) => {
    if (kind === 'project') return [`Several projects are labeled “${name}”.`, 'Use the name in brackets.'];
    if (kind === 'account') return `Several workspaces have an account named “${name}”.`;
    if (kind === 'invoice')
      return [
        `Several invoices end with “${name}”: ${candidates.join(', ')}${hasMore ? ' and more' : ''}.`,
        'Type the whole number.',
      ];
    const names = `${quotedNames(candidates)}${hasMore ? ' and more' : ''}`;
    return [`Several billing groups begin with “${name}”: ${names}.`, 'Type the full name.'];
  },
  invalid_input: ({ fields }) => [...new Set(Object.values(fields))].join('\n'),
  no_country: () => [
    'Tax rates depend on the seller’s country, which isn’t set.',
    'Set the country with `/billing settings` first.',
  ],
  set_up_needed: () => ['Billing isn’t set up in this workspace yet.', 'Type `/billing` to set it up.'],
  set_up_not_allowed: ({ standing }) => [
    NO_SET_UP[standing],
    'Ask a workspace admin to type `/billing` and set it up.',
  ],
  settings_changed: () => [
    'Someone changed the settings while the form was open.',
    'Check the current values. Saving again replaces them with yours.',
  ],
  time_zone_fixed: ({ because }) => NO_TIME_ZONE_CHANGE[because],
};
