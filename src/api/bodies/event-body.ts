import type { EventSummary } from '../../services/events/event-lists.ts';
import { projectNames } from '../../services/projects/group-projects.ts';
import { actorNames, isSlackUser } from '../../services/workspaces/people.ts';
import { shownId } from '../ids.ts';
import type { Caller } from '../route.ts';
import { time } from '../schemas/common.ts';
import type { EventBody } from '../schemas/lists.ts';

/** Entries of the log as EVENT in the published API. */
export async function eventBodies({ ctx, accountId }: Caller, events: readonly EventSummary[]): Promise<EventBody[]> {
  const ids = events.flatMap(({ projectId }) => projectId ?? []);
  const projects = await projectNames(ctx, accountId, [...new Set(ids)]);
  const people = await actorNames(
    ctx,
    accountId,
    events.map(({ actor }) => actor),
  );
  return events.map((event) => eventBody(event, projects, people));
}

/** Who did something: the name, and for people their Slack ID. The ID stands for a name that isn't known yet. */
export function actorBody(actor: string, people: ReadonlyMap<string, string>) {
  return { actor: people.get(actor) ?? actor, actor_id: isSlackUser(actor) ? actor : null };
}

function eventBody(
  event: EventSummary,
  projects: ReadonlyMap<string, string>,
  people: ReadonlyMap<string, string>,
): EventBody {
  const { logEntryId, type, description, actor, at, billingGroupId, projectId } = event;
  return {
    log_entry_id: logEntryId,
    event_type: type,
    event_desc: description,
    ...actorBody(actor, people),
    create_time: time(at),
    billing_group_id: billingGroupId && shownId(billingGroupId),
    project_id: projectId && shownId(projectId),
    project_name: projectId && (projects.get(projectId) ?? null),
  };
}
