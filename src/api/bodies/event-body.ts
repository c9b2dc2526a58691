import type { EventSummary } from '../../services/events/event-lists.ts';
import { shownId } from '../ids.ts';
import { time } from '../schemas/common.ts';

/** EVENT in the published API. @param names of projects, by ID */
export function eventBody(event: EventSummary, names: ReadonlyMap<string, string>) {
  const { logEntryId, type, description, actor, at, billingGroupId, projectId } = event;
  return {
    log_entry_id: logEntryId,
    event_type: type,
    event_desc: description,
    actor,
    create_time: time(at),
    billing_group_id: billingGroupId && shownId(billingGroupId),
    project_id: projectId && shownId(projectId),
    project_name: projectId && (names.get(projectId) ?? null),
  };
}
