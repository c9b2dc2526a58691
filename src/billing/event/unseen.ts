import type { LogEntry } from './event.ts';
import { ruleOf } from './event-types.ts';

/** What hides events from a reader: the private groups that they don't see, the projects in them, and their requests. */
export interface Unseen {
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  /** Move requests from or to one of the groups. */
  readonly requestIds: readonly string[];
}

/** Whether an event is about something that its reader doesn't see. The log's search uses the same rules. */
export function isUnseen(
  {
    type,
    billingGroupId,
    projectId,
    before,
    after,
  }: Pick<LogEntry, 'type' | 'billingGroupId' | 'projectId'> & {
    readonly before?: unknown;
    readonly after?: unknown;
  },
  { groupIds, projectIds, requestIds }: Unseen,
): boolean {
  const groups = [billingGroupId, dataOf(before, 'billingGroupId'), dataOf(after, 'billingGroupIds')].flat();
  return (
    ruleOf(type).spansGroups ||
    groups.some((id) => typeof id === 'string' && groupIds.includes(id)) ||
    projectIds.includes(projectId ?? '') ||
    requestIds.includes(String(dataOf(after, 'requestId')))
  );
}

function dataOf(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>)[name] : undefined;
}
