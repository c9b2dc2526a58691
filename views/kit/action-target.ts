import { z } from 'zod';
import { readKept } from '../../src/slack/requests/kept-state.ts';

/** What a button is about. It carries IDs, and the services check whether the person may see the objects. */
const schema = z.object({
  account: z.string().default(''),
  group: z.string().default(''),
  project: z.string().default(''),
  invoice: z.string().default(''),
  channel: z.string().default(''),
  file: z.string().default(''),
  name: z.string().default(''),
  thread: z.string().default(''),
  subscription: z.string().default(''),
  move: z.string().default(''),
  review: z.string().default(''),
  campaign: z.string().default(''),
  anomaly: z.string().default(''),
  method: z.string().default(''),
  import: z.string().default(''),
  /** What an incoming payment was proposed to pay. */
  proposal: z.string().default(''),
  /** The log entries of a message, as `entryNumbersText` writes them. */
  entries: z.string().default(''),
  /** The numbers of the first and last log entries, in messages of earlier versions. */
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
