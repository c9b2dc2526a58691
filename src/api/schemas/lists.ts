import { z } from 'zod';
import { CODE_LIMIT, CREDIT_TYPES } from '../../billing/credit/credit.ts';
import { MOST_PROJECTS } from '../../services/moves/move-ask.ts';
import { moneySchema, nextCursorSchema, timeSchema } from './common.ts';

export const projectSchema = z
  .object({ project_name: z.string(), estimated_balance: moneySchema, available_credits: moneySchema })
  .meta({ id: 'BillingGroupProject' });
export const projectsAnswer = z.object({ projects: z.array(projectSchema), next_cursor: nextCursorSchema });

export const assignInput = z
  .strictObject({
    projects_names: z
      .array(z.string().min(1).max(200))
      .min(1, 'Name a project.')
      .max(MOST_PROJECTS, `At most ${MOST_PROJECTS} projects at once.`),
  })
  .meta({ id: 'ProjectsToAssign' });

/** A move that approvers must decide first. */
export const requestedAnswer = z.object({ message: z.string(), request_id: z.string() }).meta({ id: 'MoveRequested' });

export const creditSchema = z
  .object({
    code: z.string(),
    type: z.enum(CREDIT_TYPES),
    value: moneySchema,
    remaining_value: moneySchema,
    start_time: timeSchema,
    expire_time: timeSchema.nullable(),
  })
  .meta({ id: 'Credit' });
export const creditAnswer = z.object({ credit: creditSchema });
export const creditsAnswer = z.object({ credits: z.array(creditSchema), next_cursor: nextCursorSchema });
export const claimInput = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .max(CODE_LIMIT * 2),
  })
  .meta({ id: 'CreditCode' });

export const actorSchema = z
  .string()
  .meta({ description: 'A person’s name, or that of a token; automation and operator stand for themselves' });
export const actorIdSchema = z.string().nullable().meta({ description: 'The Slack ID of a person' });

export const eventSchema = z
  .object({
    log_entry_id: z.int(),
    event_type: z.string(),
    event_desc: z.string(),
    actor: actorSchema,
    actor_id: actorIdSchema,
    create_time: timeSchema,
    billing_group_id: z.string().nullable(),
    project_id: z.string().nullable(),
    project_name: z.string().nullable(),
  })
  .meta({ id: 'BillingGroupEvent' });
export const eventsAnswer = z.object({ events: z.array(eventSchema), next_cursor: nextCursorSchema });

export type EventBody = z.output<typeof eventSchema>;
