import type { types, webApi } from '@slack/bolt';
import { truncateMrkdwn } from '../blocks/mrkdwn.ts';
import { LIMITS } from '../limits/limits.ts';

/** What the IDs of direct messages begin with. */
const DIRECT = 'D';

/** A message to the person who asked. */
export interface Reply {
  /** The whole matter in words, for notifications and screen readers; mrkdwn. */
  readonly text: string;
  readonly blocks?: readonly types.KnownBlock[];
  /** In place of the message whose button was clicked; needs a response_url. */
  readonly replace?: boolean;
  /** For all in the channel, instead of privately. */
  readonly public?: boolean;
}

export interface Ways {
  readonly client: webApi.WebClient;
  /** Slack takes five posts in 30 minutes at such an address. */
  readonly responseUrl?: string | undefined;
  readonly channelId?: string | undefined;
  /** The message that the answer is to stand below, in a direct message. */
  readonly threadTs?: string | undefined;
  readonly userId?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * A function that answers by the nearest way: the response_url, a private message in the channel, a direct message.
 * The next way is tried only when Slack has said no to the one before; a lost answer is an error, as it may have
 * arrived.
 * @throws WebAPIRequestError, TypeError or TimeoutError when Slack cannot be reached; Error when no way is left.
 */
export function responder(ways: Ways): (reply: Reply | string) => Promise<void> {
  return async (given) => {
    const reply = cut(typeof given === 'string' ? { text: given } : given);
    if (ways.responseUrl !== undefined && (await postBack(ways.responseUrl, reply, ways.timeoutMs))) return;
    if (ways.channelId !== undefined && (await postInChannel(ways, ways.channelId, reply))) return;
    if (!ways.userId) throw new Error('there is no one to answer');
    await ways.client.chat.postMessage({ channel: ways.userId, ...content(reply) });
  };
}

/** @returns false when the address is used up, expired or unknown. */
async function postBack(url: string, reply: Reply, timeoutMs: number): Promise<boolean> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      response_type: reply.public ? 'in_channel' : 'ephemeral',
      replace_original: reply.replace ?? false,
      ...content(reply),
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  // read to its end, so that the connection can be used again
  await response.arrayBuffer();
  return response.ok;
}

async function postInChannel(ways: Ways, channel: string, reply: Reply): Promise<boolean> {
  try {
    // in a direct message nobody else reads it, and what is ephemeral doesn't stay
    const isDirect = channel.startsWith(DIRECT);
    const thread = isDirect && ways.threadTs !== undefined ? { thread_ts: ways.threadTs } : {};
    if (reply.public || isDirect) await ways.client.chat.postMessage({ channel, ...thread, ...content(reply) });
    else if (ways.userId) await ways.client.chat.postEphemeral({ channel, user: ways.userId, ...content(reply) });
    else return false;
    return true;
  } catch (error) {
    if (isSlackRefusal(error)) return false;
    throw error;
  }
}

/** Slack got the call and said no, as for a channel that the app is not in. */
function isSlackRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'slack_webapi_platform_error';
}

function cut(reply: Reply): Reply {
  return { ...reply, text: truncateMrkdwn(reply.text, LIMITS.message.text) };
}

function content(reply: Reply): { text: string; blocks?: types.KnownBlock[] } {
  return { text: reply.text, ...(reply.blocks === undefined ? {} : { blocks: [...reply.blocks] }) };
}
