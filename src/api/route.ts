import { z } from 'zod';
import type { TokenScope } from '../billing/account/token.ts';
import type { Admission } from '../services/access/admission.ts';
import type { Ctx } from '../services/kit/context.ts';
import type { Once } from '../services/kit/keyed-requests.ts';
import { apiError, badInput } from './errors.ts';

/** What a response is built from, without the caller. */
export type Base = Omit<Ctx, 'actor' | 'known'>;

/** The caller's token and account. */
export interface Caller {
  readonly ctx: Ctx & { readonly known: Admission };
  readonly accountId: string;
  readonly scope: TokenScope;
}

/** What a client sent, before validation. */
export interface Sent {
  readonly base: Base;
  /** Undefined if no token was sent and none is required. */
  readonly caller: Caller | undefined;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Makes a POST's change. With an Idempotency-Key, only the first time. */
  readonly once: Once;
  /** If-Match. */
  readonly ifMatch?: string | undefined;
}

/** One kind of answer; without a schema, it isn't JSON. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Several if a query parameter chooses. */
  readonly contentType?: string | readonly string[];
}

export type Reply =
  /** 204. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly body: unknown;
      readonly etag?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** JSON that stays the same, with its ETag, as long as its stamp does. */
  | {
      readonly kind: 'kept';
      /** Identifies the request among those of all accounts for the same operation. */
      readonly question: string;
      readonly stamp: string;
      read(): unknown | Promise<unknown>;
    }
  /** JSON that is too long for the memory, piece by piece. */
  | {
      readonly kind: 'long';
      /** The whole answer with an empty list at its end. */
      readonly frame: unknown;
      readonly item: z.ZodType;
      /** The list's items. */
      readonly batches: AsyncIterable<readonly unknown[]>;
      readonly etag: string;
    }
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      /** For responses that are saved as a file. */
      readonly filename?: string;
      readonly chunks: AsyncIterable<string | Uint8Array>;
      readonly etag?: string;
    };

/** A row of the API's route table: its OpenAPI description, and its handler. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With parameters in braces, relative to `/v1`. */
  readonly path: string;
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  /** The required token scope; `link` if a signed link is enough. */
  readonly access: TokenScope | 'link';
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  /** By status, without those that every route has. */
  readonly answers: Readonly<Record<number, Answer>>;
  handle(sent: Sent): Promise<Reply>;
}

/** What a handler gets. */
export interface Parsed<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>
  extends Pick<Sent, 'base' | 'caller' | 'once' | 'ifMatch'> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/** No parameters. */
export type Nothing = typeof NOTHING;
const NOTHING = z.object({});

/** Creates a route. Its handler gets only input that its schemas accept. */
export function route<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  spec: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    run(request: Parsed<P, Q, B>): Promise<Reply>;
  },
): Route {
  const { params, query, body, run, ...rest } = spec;
  const known = z.strictObject((query ?? NOTHING).shape);
  const read = z.object({ params: params ?? NOTHING, query: known, body: body ?? z.unknown() });
  return {
    ...rest,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    body,
    handle({ base, caller, once, ifMatch, ...sent }) {
      const parsed = read.safeParse(sent);
      if (!parsed.success) throw badInput(parsed.error);
      return run({
        base,
        caller,
        once,
        ifMatch,
        ...(parsed.data as Pick<Parsed<P, Q, B>, 'params' | 'query' | 'body'>),
      });
    },
  };
}

export function json(body: unknown, status = 200): Extract<Reply, { kind: 'json' }> {
  return { kind: 'json', status, body };
}

/** The caller. @throws {ApiError} 401 if no token was sent */
export function callerIn({ caller }: { readonly caller: Caller | undefined }): Caller {
  if (caller) return caller;
  throw apiError(401, 'token_needed', 'Send a token: Authorization: Bearer TOKEN.');
}
