import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A proxy between Slack and the app that sends each request several times, byte for byte. */
export interface Repeater {
  readonly url: string;
  /** Resolves when nothing is left to send. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Sends each form submission several times: all but one at the same time, and one after the first answer. Other
 * requests are sent once. Slack gets the first answer.
 */
export async function startRepeater(target: string, times: number): Promise<Repeater> {
  const late = new Set<Promise<unknown>>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const send = () =>
      fetch(target, { method: 'POST', body, headers: headers as Record<string, string> }).then(async (answer) => ({
        status: answer.status,
        type: answer.headers.get('content-type') ?? 'text/plain',
        text: await answer.text(),
      }));
    const isForm = new URLSearchParams(body.toString()).get('payload')?.includes('"type":"view_submission"') === true;
    const [first] = await Promise.all(Array.from({ length: isForm ? Math.max(1, times - 1) : 1 }, send));
    const answered = new Promise<void>((resolve) => {
      response
        .writeHead(first?.status ?? 500, { 'content-type': first?.type ?? 'text/plain' })
        .end(first?.text, resolve);
    });
    if (!isForm) return;
    const again = answered.then(send).finally(() => late.delete(again));
    late.add(again);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settled = async () => {
    await Promise.all(late);
  };
  return {
    url: `http://127.0.0.1:${port}/slack/events`,
    settled,
    async stop() {
      await settled();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
