import type { Period } from '../period/period.ts';
import { conflict, forbidden, notFound } from './kind.ts';

/** What prevents the deletion of a project. */
export type ProjectUse = 'costs' | 'pending_move' | 'moved' | 'credits' | 'budget' | 'adjustments' | 'notifications';

/** Projects, and their moves between billing groups. */
export const PROJECT_REFUSALS = {
  /** An assignment through the API, in an account whose owner doesn't let it move projects at once. */
  move_needs_approval: conflict(),
  move_new_date: conflict<{ readonly wanted: Period; readonly earliest: Period; readonly begin: Date }>(),
  move_not_found: notFound(),
  /** Some of the projects, as people know them and by name. */
  move_open_already: conflict<{
    readonly projects: readonly string[];
    readonly names: readonly string[];
    readonly more: number;
  }>('projects'),
  move_settled: conflict<{ readonly state: string; readonly decidedAt: Date | null; readonly timeZone: string }>(),
  /** `reasons` has a sentence for some of the projects; `others` counts those that can still be moved. */
  move_some_cant: conflict<{ readonly reasons: string; readonly others: number }>(),
  /** `available` is the number of people who could approve, `needed` the number required. */
  no_approver: conflict<{
    readonly group: string;
    readonly needed: number;
    readonly available: number;
    readonly couldApproveOwn: boolean;
  }>(),
  /** Nobody who leads the project sees it. */
  no_project_leads: conflict<{ readonly project: string }>(),
  not_an_approver: forbidden<{ readonly isOwn: boolean }>(),
  not_yours: forbidden(),
  period_already_invoiced: conflict<{ readonly period: Period; readonly earliest: Period }>('effect'),
  project_in_use: conflict<{ readonly name: string; readonly because: ProjectUse }>(),
  project_name_taken: conflict<{ readonly name: string }>('name'),
  /** Identified by name in the account, or any project in the group. */
  project_not_found: notFound<{ readonly name?: string; readonly nearest?: string; readonly group?: string }>(),
  too_many_leads: conflict<{ readonly limit: number }>('users'),
};
