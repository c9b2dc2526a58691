import { count } from '../../billing/money/count.ts';
import { formatMoney } from '../../billing/money/money.ts';
import type { GROUP_REFUSALS } from '../../billing/refusals/groups.ts';
import type { RefusalData } from '../../billing/refusals/index.ts';
import { quotedNames, type TextsOf } from './text.ts';

export const GROUP_TEXTS: TextsOf<typeof GROUP_REFUSALS> = {
  ambiguous_amount: ({ readings: [one, other], amount, percents }) => [
    `Do you mean ${one} or ${other}?`,
    `Type the amount without spaces, such as \`${amount}\`, and thresholds with a percent sign, such as \`${percents}\`.`,
  ],
  billing_group_is_primary: ({ name }) => [
    `“${name}” is the account’s primary billing group and can’t be deleted.`,
    'Set another primary group first with `/billing primary GROUP`.',
  ],
  billing_group_name_taken: ({ name }) => `There is already a billing group named “${name}”. Choose another name.`,
  billing_group_not_empty: ({ name, projects, first }) => [
    `“${name}” still has ${count(projects, 'project')}: ${quotedNames(first, projects - first.length)}.`,
    'Move them to another billing group first with `/billing assign PROJECT to GROUP`.',
  ],
  billing_group_not_found: ({ name, nearest }) => {
    if (name === undefined) return ['This billing group doesn’t exist.', 'Type `/billing groups` to see all groups.'];
    return [
      `There is no billing group named “${name}”.`,
      nearest === undefined ? 'Type `/billing groups` to see all groups.' : `Did you mean “${nearest}”?`,
    ];
  },
  changed_meanwhile: ({ what }) => CHANGES[what],
  currency_in_use: inUse,
  primary_group_private: ({ name }) => [
    `The primary group can’t be private, because everybody’s new projects join it: “${name}”.`,
    'Choose another primary group with `/billing primary GROUP`.',
  ],
};

const CHANGES: Readonly<Record<RefusalData<'changed_meanwhile'>['what'], readonly [string, string]>> = {
  'billing information': [
    'Someone changed the billing information after you opened this form.',
    'Check the current values in the group’s view. Saving again replaces them with yours.',
  ],
  estimate: ['The estimate has been recalculated.', 'Start again with its first line.'],
  'incoming payment': [
    'What is left to pay has changed since this payment was listed.',
    'Type `/billing payments` to see what it pays now.',
  ],
};

function inUse(data: RefusalData<'currency_in_use'>): string {
  const { currency } = data;
  if (data.because === 'payment_method')
    return `The payment method is a bank transfer in ${currency}. Choose another payment method first.`;
  if (data.because === 'invoices') return `The currency can’t be changed: “${data.group}” has invoices in ${currency}.`;
  if (data.because === 'costs')
    return `The currency can’t be changed: projects of “${data.group}” have costs in a currency other than ${currency}.`;
  const left = formatMoney(data.left, currency);
  return `The currency can’t be changed: “${data.group}” has ${left} left on credit ${data.code}.`;
}
