import { z } from 'zod';
import { MOVE_STATES } from '../../services/moves/move-read.ts';
import { idSchema, timeSchema } from './common.ts';

export const moveSchema = z
  .object({
    request_id: z.string(),
    state: z.enum(MOVE_STATES).meta({
      description: 'refused: approved, but no project could be moved by then',
    }),
    projects: z.array(
      z.object({ project_name: z.string(), from_billing_group_id: z.string() }).meta({ id: 'MovingProject' }),
    ),
    billing_group_id: z.string().meta({ description: 'The billing group that the projects move to' }),
    billing_group_name: z.string(),
    effective_from: timeSchema,
    reason: z.string(),
    requested_by: z.string().meta({ description: 'A Slack user ID, or the name of a token' }),
    request_time: timeSchema,
    decided_by: z.string().nullable(),
    decide_time: timeSchema.nullable(),
    expire_time: timeSchema.meta({ description: 'When an undecided request expires' }),
    outcome: z.string().nullable().meta({ description: 'Why it was rejected, or what could not be moved' }),
  })
  .meta({ id: 'MoveRequest' });
export const moveAnswer = z.object({ move_request: moveSchema });
export const moveParams = z.object({ id: idSchema.meta({ description: 'request_id' }) });

export type MoveBody = z.output<typeof moveSchema>;
