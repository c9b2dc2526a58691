import { periodName } from '../../billing/period/period.ts';
import type { COST_REFUSALS } from '../../billing/refusals/costs.ts';
import type { TextsOf } from './text.ts';

const CORRECT_INVOICE = 'Correct the invoice with a credit memo or with a one-time charge on the next invoice.';

export const COST_TEXTS: TextsOf<typeof COST_REFUSALS> = {
  costs_already_invoiced: ({ period, action, group, source }) => {
    const month = periodName(period);
    if (action === 'undo')
      return [`${month} was invoiced after this replacement, so it can’t be undone.`, CORRECT_INVOICE];
    const costs = source === undefined ? 'The costs' : `The costs of ${source}`;
    const whose = group === undefined ? '' : ` of “${group}”`;
    return [`${costs} for ${month}${whose} have been invoiced, so they can’t be replaced.`, CORRECT_INVOICE];
  },
  costs_changed_meanwhile: ({ source, period }) => [
    `The costs of ${source} for ${periodName(period)} have changed since this replacement was prepared.`,
    'Start the import again to see what it would change now.',
  ],
  anomaly_not_found: () => 'These unusual costs no longer exist.',
  file_unreadable: ({ file, problem }) => `The file “${file}” ${problem}.`,
  focus_file: ({ problem, remedy }) => (remedy === undefined ? problem : [problem, remedy]),
  import_running: ({ tookOver }) =>
    tookOver
      ? [
          'Another import took over while this one was stalled.',
          'Start the import again. Rows that are already stored aren’t added twice.',
        ]
      : ['Another import into this account is running.', 'Try again when it is done.'],
  invoiced_meanwhile: ({ period }) => [
    `${periodName(period)} was invoiced while the file was being read.`,
    'Start the import again. Corrections of that month then go on the next invoice.',
  ],
  mapping_name_taken: ({ name }) => `A mapping named “${name}” already exists. Choose another name.`,
  mapping_not_found: ({ name }) => [
    name === undefined ? 'This mapping no longer exists.' : `There is no mapping “${name}”.`,
    'Type `/billing mappings` to see all mappings.',
  ],
  nothing_to_undo: ({ isUndone }) =>
    isUndone
      ? 'This replacement has already been undone.'
      : 'This import didn’t replace any costs, so there is nothing to undo.',
  rates_not_understood: ({ problem }) => [
    `This file can’t be read as exchange rates of the European Central Bank: ${problem}.`,
    'Use eurofxref-daily.xml or eurofxref.csv as published by the bank.',
  ],
  replacement_doubtful: ({ doubts }) => [
    `Nothing was replaced. ${doubts.join(' ')}`,
    'Import a complete file, or confirm the replacement.',
  ],
  replacement_over: () => [
    'This replacement is no longer waiting for confirmation.',
    'Start the import again to replace the costs.',
  ],
  too_many_mappings: ({ limit }) => [`An account can have at most ${limit} mappings.`, 'Remove one first.'],
  too_many_rates: () => [
    'This file has too many exchange rates for one import.',
    'Use the file of one day, or the one of the last 90 days.',
  ],
  undo_too_late: () => [
    'This replacement can’t be undone, because costs of the same source were imported after it.',
    'Import the earlier file again with “Replace”.',
  ],
};
