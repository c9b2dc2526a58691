import { z } from 'zod';
import { readKept } from '../../src/slack/requests/kept-state.ts';

/** What a button is about: it carries ids, and the services check whether anyone who clicks may see what they stand for. */
const schema = z.object({
  account: z.string().default(''),
  group: z.string().default(''),
  invoice: z.string().default(''),
  channel: z.string().default(''),
  file: z.string().default(''),
  name: z.string().default(''),
  thread: z.string().default(''),
  subscription: z.string().default(''),
  move: z.string().default(''),
  campaign: z.string().default(''),
  method: z.string().default(''),
  import: z.string().default(''),
  /** The first and last number of entries of the log. */
  from: z.string().default(''),
  to: z.string().default(''),
});

export type Target = z.infer<typeof schema>;

/** The value of a button. */
export function target(of: Partial<Target>): string {
  return JSON.stringify(of);
}

/** @throws {ZodError} for a value that isn't ours */
export function readTarget(value: string | undefined): Target {
  return readKept(schema, value ?? '{}');
}
