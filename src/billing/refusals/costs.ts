import type { Period } from '../period/period.ts';
import { conflict, inProgress, invalid, notFound } from './kind.ts';

/** Imported costs and exchange rates. */
export const COST_REFUSALS = {
  anomaly_not_found: notFound(),
  costs_already_invoiced: conflict<{
    readonly period: Period;
    readonly action: 'replace' | 'undo';
    readonly group?: string;
    readonly source?: string;
  }>(),
  costs_changed_meanwhile: conflict<{ readonly source: string; readonly period: Period }>(),
  file_unreadable: invalid<{ readonly file: string; readonly problem: string }>(),
  /**
   * `problem` and `remedy` are sentences about the file from its reader; `missing` has the required columns it lacks.
   */
  focus_file: invalid<{ readonly problem: string; readonly remedy?: string; readonly missing?: readonly string[] }>(),
  import_running: inProgress<{ readonly tookOver: boolean }>(),
  invoiced_meanwhile: conflict<{ readonly period: Period }>(),
  mapping_name_taken: conflict<{ readonly name: string }>('name'),
  mapping_not_found: notFound<{ readonly name?: string }>(),
  nothing_to_undo: conflict<{ readonly isUndone: boolean }>(),
  /** `problem` continues “The file can't be read as ECB rates: ”. */
  rates_not_understood: invalid<{ readonly problem: string }>(),
  replacement_doubtful: conflict<{ readonly doubts: readonly string[] }>(),
  replacement_over: conflict(),
  too_many_mappings: conflict<{ readonly limit: number }>(),
  too_many_rates: invalid(),
  undo_too_late: conflict(),
};
