import { z } from 'zod';

/** Where a request comes from, as Slack says. */
export interface Sender {
  readonly teamId?: string | undefined;
  /** The organization of an Enterprise Grid. */
  readonly enterpriseId?: string | undefined;
}

/** The same of an event, and when it happened, in whole seconds. */
export interface EventSender extends Sender {
  readonly at: Date;
}

const id = z.string().nullish();
const eventSchema = z.object({
  event_time: z.number().default(0),
  team_id: id,
  enterprise_id: id,
  authorizations: z.array(z.object({ team_id: id, enterprise_id: id })).nullish(),
});
const interactionSchema = z.object({
  team: z.object({ id }).nullish(),
  user: z.object({ team_id: id }).nullish(),
});

/** Of an event: where the app is installed, which in a shared channel isn't where the event comes from. As in Bolt. */
export function senderOfEvent(body: unknown): EventSender {
  const { team_id: team, enterprise_id: org, authorizations, event_time: seconds } = eventSchema.parse(body);
  const [installed] = authorizations ?? [];
  return {
    teamId: installed?.team_id ?? team ?? undefined,
    enterpriseId: (installed ? installed.enterprise_id : org) ?? undefined,
    at: new Date(seconds * 1000),
  };
}

/**
 * Of any request that Bolt has read. In a view of an app that is installed for a whole organization, Bolt takes the
 * organization for the workspace.
 */
export function senderOf({ teamId, enterpriseId }: Sender, body: unknown): Sender {
  if (!teamId?.startsWith('E')) return { teamId, enterpriseId };
  const parsed = interactionSchema.safeParse(body);
  const workspace = parsed.data?.team?.id ?? parsed.data?.user?.team_id;
  return {
    teamId: workspace?.startsWith('E') ? undefined : (workspace ?? undefined),
    enterpriseId: enterpriseId ?? teamId,
  };
}
