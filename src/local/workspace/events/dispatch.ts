import { isFields, parseJson } from '../json.ts';
import { signatureHeaders } from '../sign.ts';
import type { Envelope, SocketHub } from '../socket/hub.ts';
import type { Fields } from '../types.ts';

/** Slack's error codes: no answer in time, no connection, or a status other than 200. */
export type AckError = 'operation_timeout' | 'dispatch_failed' | 'http_service_error';

/** How the app acknowledged a request. */
export interface Ack {
  /** 0 when there was no answer. */
  status: number;
  /** The JSON or text of the answer; empty if there was none. */
  body: unknown;
  /** From sending the request to reading the whole answer. */
  ms: number;
  error?: AckError;
}

export type RequestKind = 'command' | 'interaction' | 'options' | 'event' | 'verification';

/** A request that was sent to the app, for tests to inspect and send again. */
export interface Delivery {
  kind: RequestKind;
  contentType: string;
  body: string;
  headers: Record<string, string>;
  ack: Ack | null;
}

const KEPT_DELIVERIES = 500;

export interface LinkOptions {
  signingSecret: string;
  appUrl: () => string | undefined;
  /** Used instead of HTTP while an app is connected. */
  sockets: SocketHub;
  ackMs: number;
  /** Called when a delivery was answered or abandoned. */
  onDelivered: () => void;
}

/** Sends requests to the app as Slack does: signed over HTTP, or as envelopes over the app's own connection. */
export class AppLink {
  readonly deliveries: Delivery[] = [];
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Sends a form body: a slash command, or an interaction in the field `payload`. */
  form(kind: RequestKind, fields: Record<string, string>): Promise<Ack> {
    return this.#send(kind, 'application/x-www-form-urlencoded', new URLSearchParams(fields).toString());
  }

  json(kind: RequestKind, body: unknown, headers: Record<string, string> = {}): Promise<Ack> {
    return this.#send(kind, 'application/json', JSON.stringify(body), headers);
  }

  /** Sends the same body again with a new signature, as Slack does without an acknowledgement. */
  again(delivery: Delivery, retry = 1, reason = 'http_timeout'): Promise<Ack> {
    const headers = { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': reason };
    return this.#send(delivery.kind, delivery.contentType, delivery.body, headers);
  }

  /** Aborts all pending requests. */
  stop(): void {
    this.#stopping.abort();
  }

  async #send(
    kind: RequestKind,
    contentType: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<Ack> {
    const delivery: Delivery = { kind, contentType, body, headers, ack: null };
    this.deliveries.push(delivery);
    if (this.deliveries.length > KEPT_DELIVERIES) this.deliveries.shift();
    const started = performance.now();
    const isSocket = this.#options.sockets.isConnected && kind !== 'verification';
    const answer = isSocket
      ? await this.#overSocket(envelopeOf(kind, body, headers))
      : await this.#post(contentType, body, headers);
    delivery.ack = { ...answer, ms: Math.round(performance.now() - started) };
    this.#options.onDelivered();
    return delivery.ack;
  }

  async #post(contentType: string, body: string, headers: Record<string, string>): Promise<Omit<Ack, 'ms'>> {
    const url = this.#options.appUrl();
    if (url === undefined) return { status: 0, body: '', error: 'dispatch_failed' };
    const late = AbortSignal.timeout(this.#options.ackMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        // exactly this content type: with a charset after it, apps don't read the form
        headers: { ...headers, ...signatureHeaders(this.#options.signingSecret, body), 'content-type': contentType },
        body,
        signal: AbortSignal.any([late, this.#stopping.signal]),
      });
      const text = await response.text();
      const answer = { status: response.status, body: parseJson(text) ?? text };
      return response.status === 200 ? answer : { ...answer, error: 'http_service_error' };
    } catch {
      return { status: 0, body: '', error: late.aborted ? 'operation_timeout' : 'dispatch_failed' };
    }
  }

  async #overSocket(envelope: Envelope): Promise<Omit<Ack, 'ms'>> {
    const late = AbortSignal.timeout(this.#options.ackMs);
    try {
      const signal = AbortSignal.any([late, this.#stopping.signal]);
      return { status: 200, body: (await this.#options.sockets.deliver(envelope, signal)) ?? '' };
    } catch {
      return { status: 0, body: '', error: late.aborted ? 'operation_timeout' : 'dispatch_failed' };
    }
  }
}

const ENVELOPES: { [kind in Exclude<RequestKind, 'verification'>]: Envelope['type'] } = {
  command: 'slash_commands',
  interaction: 'interactive',
  options: 'interactive',
  event: 'events_api',
};

function envelopeOf(kind: RequestKind, body: string, headers: Record<string, string>): Envelope {
  const attempt = Number(headers['x-slack-retry-num'] ?? 0);
  const reason = headers['x-slack-retry-reason'] ?? '';
  return {
    type: kind === 'verification' ? 'events_api' : ENVELOPES[kind],
    payload: payloadOf(kind, body),
    ...(attempt > 0 && { retry: { attempt, reason } }),
  };
}

/** The contents of a form or JSON body, as one object. */
function payloadOf(kind: RequestKind, body: string): Fields {
  if (kind === 'command') return Object.fromEntries(new URLSearchParams(body));
  const json = kind === 'event' ? body : (new URLSearchParams(body).get('payload') ?? '');
  const payload = parseJson(json);
  return isFields(payload) ? payload : {};
}
