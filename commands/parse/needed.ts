import { Refusal } from '../../src/billing/refusal.ts';

/** What a person had to type, or a refusal that explains how to type it. @throws {Refusal} `invalid_command` */
export function needed(typed: string, problem: string, usage: string): string {
  if (typed.trim() === '')
    throw new Refusal('invalid_command', {
      problem: problem,
      usage: `Type \`${usage}\`.`,
    });
  return typed;
}
