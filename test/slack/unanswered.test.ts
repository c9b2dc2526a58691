import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { webApi } from '@slack/bolt';
import { isUnanswered, permanentErrorOf, wasNotProcessed } from '../../src/slack/web-api/api-errors.ts';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

async function listening(answer: (socket: Socket) => void): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Jest has an `Error` of its own, and Slack's client drops the cause of any other. */
async function withOwnErrors(...args: Parameters<typeof fetch>): Promise<Response> {
  try {
    return await fetch(...args);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new TypeError(message, { cause });
  }
}

/** The error of a call to an address. */
async function failureOf(slackApiUrl: string): Promise<unknown> {
  const client = new webApi.WebClient('xoxb-test', {
    ...{
      slackApiUrl,
      fetch: withOwnErrors,
      timeout: 300,
      retryConfig: { retries: 0 },
      logLevel: webApi.LogLevel.ERROR,
    },
  });
  return client.chat.postMessage({ channel: 'C1', text: 'One' }).catch((error: unknown) => error);
}

describe('a call that got no answer', () => {
  it('was certainly not carried out if nothing listens there', async () => {
    const url = await listening(() => {});
    server?.close();
    const error = await failureOf(url);
    expect([isUnanswered(error), wasNotProcessed(error), permanentErrorOf(error)]).toEqual([false, true, undefined]);
  });

  it.each([
    ['is cut off', (socket: Socket) => void socket.once('data', () => socket.destroy())],
    ['takes too long', (socket: Socket) => void socket.setTimeout(600, () => socket.destroy())],
    ['is answered in part', (socket: Socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncon'))],
  ])('may have been carried out if it %s', async (_what, answer) => {
    const error = await failureOf(await listening(answer));
    expect([isUnanswered(error), wasNotProcessed(error), permanentErrorOf(error)]).toEqual([true, false, undefined]);
  });
});
