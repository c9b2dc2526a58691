import { Refusal } from '../../src/billing/refusal.ts';

/** What a person had to type, or a refusal that says how it is typed. @throws {Refusal} `invalid_input` */
export function needed(typed: string, question: string, usage: string): string {
  if (typed.trim() === '') throw new Refusal('invalid_input', question, { wayOut: `Type \`${usage}\`.` });
  return typed;
}
