import type { SOURCE_REFUSALS } from '../../billing/refusals/sources.ts';
import type { TextsOf } from './text.ts';

export const SOURCE_TEXTS: TextsOf<typeof SOURCE_REFUSALS> = {
  secrets_key_missing: () => [
    'Sources can’t be connected yet, because this server has no key to encrypt their credentials.',
    'Ask the people who run the app to set `SECRETS_KEY` (`openssl rand -base64 32`) and restart it.',
  ],
  source_invalid: ({ problem }) => problem,
  source_name_taken: ({ name }) => [`There is already a source named “${name}”.`, 'Choose another name.'],
  source_not_found: ({ name }) => [
    name === undefined ? 'This source doesn’t exist anymore.' : `There’s no source named “${name}”.`,
    'Type `/billing source list` to see all sources.',
  ],
  source_unreadable: ({ problem, remedy }) => (remedy === undefined ? problem : [problem, remedy]),
  too_many_sources: ({ most }) => [
    `An account can have up to ${most} sources.`,
    'Remove a source that you no longer need.',
  ],
};
