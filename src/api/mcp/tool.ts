import { z } from 'zod';
import type { Logger } from '../../platform/logger.ts';
import type { AnswerChecks } from '../answer-checks.ts';
import { badInput } from '../errors.ts';
import type { Reply, Route, Sent } from '../route.ts';

type Asked = Partial<Pick<Sent, 'params' | 'query' | 'body'>>;

/** What an assistant can ask for: one of the API's operations, with input that it can read and write. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Whether it changes anything, so that it needs a token with `billing:write`. */
  readonly isWrite: boolean;
  readonly route: Route;
  readonly input: z.ZodObject;
  /** The API's request for some input. @throws {ApiError} 400 with every field at fault */
  requestFor(input: unknown): Asked;
}

/** What the endpoint answers with. */
export interface Endpoint {
  readonly tools: readonly Tool[];
  readonly checks: AnswerChecks;
  readonly log: Logger;
}

/** Creates a tool. The request is made only of input that its schema accepts. */
export function tool<I extends z.ZodObject>(
  spec: Pick<Tool, 'name' | 'title' | 'description' | 'route'> & { readonly input: I; asks(input: z.output<I>): Asked },
): Tool {
  const { input, asks, ...rest } = spec;
  const strict = z.strictObject(input.shape);
  const read = z.object({ input: strict });
  return {
    ...rest,
    isWrite: rest.route.access === 'billing:write',
    input: strict,
    requestFor(given) {
      const parsed = read.safeParse({ input: given });
      if (!parsed.success) throw badInput(parsed.error);
      return asks(parsed.data.input as z.output<I>);
    },
  };
}

/** Calls a tool for the sender. @throws {ApiError} | {Refusal} as the API does for the same request */
export async function callTool(one: Tool, input: unknown, { base, caller }: Pick<Sent, 'base' | 'caller'>) {
  const { params = {}, query = {}, body } = one.requestFor(input);
  // there is no key to recognize a repeated call by
  const reply = await one.route.handle({ base, caller, params, query, body, once: (change) => change() });
  return { body: await bodyOf(reply, one), schema: schemaOf(one, reply.kind === 'json' ? reply.status : 200) };
}

async function bodyOf(reply: Reply, { name }: Tool): Promise<unknown> {
  if (reply.kind === 'json') return reply.body;
  if (reply.kind === 'kept') return reply.read();
  throw new Error(`${name} asks for an answer that is no JSON in memory`);
}

function schemaOf({ route: { answers, operation } }: Tool, status: number): z.ZodType {
  const schema = answers[status]?.schema;
  if (!schema) throw new Error(`${operation} responds with ${status} without a schema`);
  return schema;
}

/** The form of a tool’s answers; undefined if they have several. */
export function outputOf({ route: { answers } }: Tool): z.ZodType | undefined {
  const schemas = Object.entries(answers).flatMap(([status, { schema }]) =>
    Number(status) < 300 && schema ? [schema] : [],
  );
  return schemas.length === 1 ? schemas[0] : undefined;
}
