import { z } from 'zod';

/** The form of an origin in a modal's metadata. */
export const originSchema = z.object({
  account: z.string(),
  group: z.string().default(''),
  /** The group's view that lies below the form, and where in it the person was; it is shown again after the work. */
  below: z.object({ view: z.string(), place: z.string() }).optional(),
  /** Where a command opened the form. */
  channel: z.string().optional(),
  /** What else a form has to remember, by its own names. */
  more: z.record(z.string(), z.string()).default({}),
  /** Names the change that a form with a confirmation leads to, from its first submission on: it is made at most once. */
  attempt: z.string().optional(),
});

/** Where a form was opened from, and what it is about: kept in its metadata. */
export type Origin = z.infer<typeof originSchema>;
