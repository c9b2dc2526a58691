import type { Checks } from '../../../src/api/answer-checks.ts';
import type { TokenScope } from '../../../src/billing/account/token.ts';
import type { Clock } from '../../../src/billing/period/clock.ts';
import { mountApi } from '../../../src/bin/mount-api.ts';
import { createHttpServer } from '../../../src/platform/http-server.ts';
import { type Logger, silentLogger } from '../../../src/platform/logger.ts';
import { createToken, type TokenCache } from '../../../src/services/access/tokens.ts';
import type { Tick } from '../../../src/services/kit/context.ts';
import { contextAt } from '../context.ts';
import { faultsOf } from './openapi.ts';
import { startPrism, VIOLATIONS } from './prism.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Only for JSON. */
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
  /**
   * Sends a request over HTTP, and checks the response against the OpenAPI document. @throws {Error} if it doesn't
   * match
   */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  stop(): Promise<void>;
}

/** The API as the product mounts it, over real HTTP. */
export async function startApi(
  clock: Clock,
  options: {
    perMinute?: number;
    corsOrigins?: string[];
    trustProxy?: number | string[];
    log?: Logger;
    checks?: Checks;
    tokens?: TokenCache;
  } = {},
): Promise<RunningApi> {
  const log = options.log ?? silentLogger();
  const server = createHttpServer({ log });
  const nudged: Tick[] = [];
  mountApi(server, { clock, log, perMinute: 1_000_000, ...options, nudge: (tick) => void nudged.push(tick) });
  const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  const { PRISM } = process.env;
  const prism = PRISM === undefined ? undefined : await startPrism(PRISM, url);
  return {
    url,
    nudged,
    async ask(method, path, asked = {}) {
      const answer = await request(`${prism?.url ?? `${url}/v1`}${path}`, method, asked, prism && 'Bearer');
      const faults = [...faultsOf(method, path, answer), ...violationsIn(answer)];
      if (faults.length > 0) throw new Error(`${method} ${path}: ${faults.join('; ')}`);
      return answer;
    },
    async stop() {
      await prism?.stop();
      await server.close(1_000);
    },
  };
}

/** An account's token, created as its owner creates it. */
export async function tokenFor(
  clock: Clock,
  accountId: string,
  { scope = 'billing:write' as TokenScope, name = 'Power BI', days = null as number | null } = {},
): Promise<string> {
  const { secret } = await createToken(contextAt(clock), accountId, { name, scope, days });
  return secret;
}

/** What the validating proxy found in a successful answer or its request. Others are wrong on purpose. */
function violationsIn({ status, headers }: Answer): string[] {
  return status < 400 ? [headers.get(VIOLATIONS) ?? []].flat() : [];
}

async function request(
  url: string,
  method: string,
  { token, headers, body }: Asked,
  scheme = 'aivenv1',
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `${scheme} ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}
