import { z } from 'zod';

/** An origin's schema in a modal's metadata. */
export const originSchema = z.object({
  account: z.string(),
  group: z.string().default(''),
  /** The group's view below the form, and the person's place in it. It is updated after the work. */
  below: z.object({ view: z.string(), place: z.string() }).optional(),
  /** Where a command opened the form. */
  channel: z.string().optional(),
  /** Other values that a form remembers, with its own names. */
  more: z.record(z.string(), z.string()).default({}),
  /**
   * Identifies the change that a form with a confirmation makes, from its first submission on, so that it is made at
   * most once.
   */
  attempt: z.string().optional(),
});

/** Where a form was opened, and what it is about. Kept in its metadata. */
export type Origin = z.infer<typeof originSchema>;
