import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ErrorCode, type WebClient } from '@slack/web-api';
import type { FaultKind, LocalWorkspace } from '../../../src/local/workspace/index.ts';
import { GENERAL, makeClient, makeWorkspace, OLGA } from './support.ts';

let workspace: LocalWorkspace;
let client: WebClient;

beforeEach(async () => {
  workspace = await makeWorkspace();
  client = makeClient(workspace);
});
afterEach(() => workspace.stop());

const post = () => client.chat.postMessage({ channel: GENERAL, text: 'news' });
const posted = () => workspace.as(OLGA).messages(GENERAL).length;
const ask = (kind: FaultKind, more = {}) => workspace.faults.next({ method: 'chat.postMessage', kind, ...more });

describe('requested faults', () => {
  it('429: the client gets the time to wait, and nothing is posted', async () => {
    ask('429', { retryAfter: 7 });
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 7 });
    expect(posted()).toBe(0);
    await post();
    expect(posted()).toBe(1);
  });

  it('500: nothing is posted', async () => {
    ask('500');
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.HTTPError, statusCode: 500 });
    expect(posted()).toBe(0);
  });

  it('a connection dropped before: nothing is posted', async () => {
    ask('drop-before');
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.RequestError });
    expect(posted()).toBe(0);
  });

  it('a connection dropped after: the message is posted, and the client can’t know', async () => {
    ask('drop-after');
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.RequestError });
    expect(posted()).toBe(1);
  });

  it('slow: an impatient client gives up, a patient one is served', async () => {
    ask('slow', { ms: 40, times: 2 });
    const hasty = makeClient(workspace, { timeout: 10 });
    await expect(hasty.chat.postMessage({ channel: GENERAL, text: 'hasty' })).rejects.toMatchObject({
      code: ErrorCode.RequestError,
    });
    await expect(post()).resolves.toMatchObject({ ok: true });
  });

  it('a Slack error code: the client gets it', async () => {
    ask('error', { error: 'fatal_error' });
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.PlatformError, data: { error: 'fatal_error' } });
  });

  it('affect only their own method, as often as requested', async () => {
    ask('500', { times: 2 });
    await expect(client.auth.test()).resolves.toMatchObject({ ok: true });
    await expect(post()).rejects.toThrow();
    await expect(post()).rejects.toThrow();
    await expect(post()).resolves.toMatchObject({ ok: true });
    ask('500');
    workspace.faults.clear();
    await expect(post()).resolves.toMatchObject({ ok: true });
  });
});
