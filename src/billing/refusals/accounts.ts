import { conflict, forbidden, invalid, notFound } from './kind.ts';

/** Accounts and their settings, and errors common to all forms. */
export const ACCOUNT_REFUSALS = {
  account_name_taken: conflict<{ readonly name: string }>('name'),
  /** `choices` are the names of the accounts to choose from. */
  account_not_found: notFound<{ readonly name?: string; readonly choices?: readonly string[] }>(),
  /** Several have the name or start with it; `candidates` are some of them. */
  ambiguous_name: invalid<{
    readonly kind: 'account' | 'billing group' | 'project' | 'invoice';
    readonly name: string;
    readonly candidates: readonly string[];
    readonly hasMore: boolean;
  }>(),
  /** Rules about single fields, with a sentence for each field at fault. */
  invalid_input: invalid<{ readonly fields: Readonly<Record<string, string>> }>(),
  no_country: conflict(),
  set_up_needed: conflict(),
  set_up_not_allowed: forbidden<{ readonly standing: 'full_member' | 'guest' | 'outsider' | 'deactivated' | 'app' }>(),
  /** With a sentence for each field that someone else has changed. */
  settings_changed: conflict<{ readonly fields: Readonly<Record<string, string>> }>(),
  time_zone_fixed: conflict<{ readonly because: 'invoices' | 'costs' | 'imports' }>('timeZone'),
};
