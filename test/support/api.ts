import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { apiRoutes } from '../../src/api/app.ts';
import { invoiceFiles } from '../../src/api/downloads.ts';
import { mountApi } from '../../src/api/mount.ts';
import { openApi } from '../../src/api/openapi.ts';
import type { Clock } from '../../src/billing/clock.ts';
import type { TokenScope } from '../../src/billing/token.ts';
import { type Logger, silentLogger } from '../../src/log.ts';
import type { Tick } from '../../src/services/context.ts';
import { createToken } from '../../src/services/tokens.ts';
import { createHttpServer } from '../../src/slack/server.ts';
import { contextAt } from './context.ts';

export const document = openApi(apiRoutes(invoiceFiles));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of JSON alone. */
  readonly body: Record<string, unknown>;
}

export interface Asked {
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface RunningApi {
  readonly url: string;
  readonly nudged: Tick[];
  /** Asks over HTTP, and checks the answer against the OpenAPI document. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  stop(): Promise<void>;
}

/** The API as the product mounts it, over real HTTP. */
export async function startApi(
  clock: Clock,
  options: { perMinute?: number; corsOrigins?: string[]; log?: Logger } = {},
): Promise<RunningApi> {
  const log = options.log ?? silentLogger();
  const server = createHttpServer({ log });
  const nudged: Tick[] = [];
  mountApi(server, { clock, log, perMinute: 1_000_000, ...options, nudge: (tick) => void nudged.push(tick) });
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  return {
    url,
    nudged,
    async ask(method, path, asked = {}) {
      const answer = await request(`${url}/v1${path}`, method, asked);
      checkAnswer(method, path, answer);
      return answer;
    },
    stop: () => server.close(1_000),
  };
}

/** A token of an account's, made as its owner makes it. */
export async function tokenFor(
  clock: Clock,
  accountId: string,
  { scope = 'billing:write' as TokenScope, name = 'Power BI', days = null as number | null } = {},
): Promise<string> {
  const { secret } = await createToken(contextAt(clock), accountId, { name, scope, days });
  return secret;
}

async function request(url: string, method: string, { token, headers, body }: Asked): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `aivenv1 ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'api');
const validators = new Map<string, ValidateFunction>();
const paths = Object.keys(document.paths ?? {}).map((path) => ({
  path,
  // fixed parts before those that anything fits
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  parameters: path.split('{').length,
}));

/** Whether an answer is one that the OpenAPI document tells of: its status, and its body to the letter. */
export function checkAnswer(method: string, path: string, answer: Answer): void {
  const [bare = ''] = path.split('?');
  const found = paths.filter(({ pattern }) => pattern.test(bare)).sort((a, b) => a.parameters - b.parameters)[0];
  const operation = found && operationOf(found.path, method);
  if (!found || !operation) {
    expect({ path, status: answer.status }).toEqual({ path, status: 404 });
    expect(faultsOf({ $ref: 'api#/components/schemas/Error' }, answer.body)).toEqual([]);
    return;
  }
  expect({ path, status: Object.keys(operation.responses) }).toEqual({
    path,
    status: expect.arrayContaining([String(answer.status)]),
  });
  const content = operation.responses[String(answer.status)]?.content ?? {};
  if (answer.status === 304) return;
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  expect({ path, types: Object.keys(content) }).toEqual({ path, types: [type] });
  if (type !== 'application/json' || method === 'HEAD') return;
  const place = ['paths', found.path, method.toLowerCase(), 'responses', String(answer.status), 'content', type];
  const pointer = place.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
  expect({ path, faults: faultsOf({ $ref: `api#/${pointer.join('/')}/schema` }, answer.body) }).toEqual({
    path,
    faults: [],
  });
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

function operationOf(path: string, method: string): Operation | undefined {
  const item: Record<string, unknown> = { ...document.paths?.[path] };
  return item[method.toLowerCase()] as Operation | undefined;
}

function faultsOf(schema: { $ref: string }, value: unknown): unknown[] {
  const validate = validators.get(schema.$ref) ?? ajv.compile(schema);
  validators.set(schema.$ref, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}
