import { Agent, get } from 'node:http';

/** A server, and what each request to it carries. */
export interface Client {
  readonly base: string;
  readonly headers: Record<string, string>;
}

/** What several requests at once over kept-alive connections took. */
export interface Load {
  readonly perSecond: number;
  /** Each request's duration, in milliseconds. */
  readonly took: readonly number[];
}

/** Sends the same request again and again for a time, several at once. */
export async function load(client: Client, path: string, of: { atOnce: number; runMs: number }): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: of.atOnce });
  const began = performance.now();
  const took: number[] = [];
  const worker = async (): Promise<void> => {
    for (let at = performance.now(); at - began < of.runMs; ) {
      await size(client, path, agent);
      const now = performance.now();
      took.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: of.atOnce }, worker));
  agent.destroy();
  return { perSecond: took.length / ((performance.now() - began) / 1000), took };
}

/** The bytes of an answer's body. */
export function size(client: Client, path: string, agent?: Agent): Promise<number> {
  return answer(client, path, agent, 0, (sum, chunk) => sum + chunk.length);
}

export async function read(client: Client, path: string): Promise<string> {
  const chunks = await answer<Buffer[]>(client, path, undefined, [], (all, chunk) => [...all, chunk]);
  return Buffer.concat(chunks).toString();
}

/** An answer's ETag. */
export function etagOf({ base, headers }: Client, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${base}${path}`, { headers }, (response) => {
      response.resume().on('end', () => resolve(response.headers.etag ?? ''));
    }).on('error', reject);
  });
}

function answer<T>(
  { base, headers }: Client,
  path: string,
  agent: Agent | undefined,
  start: T,
  add: (so: T, chunk: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    get(`${base}${path}`, { headers, ...(agent && { agent }) }, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode !== 200 && statusCode !== 304) reject(new Error(`${path}: ${statusCode}`));
      let so = start;
      response.on('data', (chunk: Buffer) => {
        so = add(so, chunk);
      });
      response.on('end', () => resolve(so));
      response.on('error', reject);
    }).on('error', reject);
  });
}
