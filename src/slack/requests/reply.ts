import type { types, webApi } from '@slack/bolt';
import { truncateMrkdwn } from '../blocks/mrkdwn.ts';
import { LIMITS } from '../limits/limits.ts';

/** The first letter of a direct message's ID. */
const DIRECT = 'D';

/** A message to the person who asked. */
export interface Reply {
  /** The whole message in words, for notifications and screen readers; mrkdwn. */
  readonly text: string;
  readonly blocks?: readonly types.KnownBlock[];
  /** Replaces the message whose button was clicked; needs a response_url. */
  readonly replace?: boolean;
  /** Visible to everyone in the channel instead of privately. */
  readonly public?: boolean;
}

export interface Ways {
  readonly client: webApi.WebClient;
  /** Slack accepts five posts in 30 minutes at such an address. */
  readonly responseUrl?: string | undefined;
  readonly channelId?: string | undefined;
  /** In a direct message: the message whose thread gets the answer. */
  readonly threadTs?: string | undefined;
  readonly userId?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * A function that answers in the nearest way: the response_url, a private message in the channel, a direct message. It
 * tries the next way only when Slack rejected the previous one. A lost answer is an error, since it may have arrived.
 * @throws WebAPIRequestError, TypeError or TimeoutError when Slack can't be reached; Error when no way is left
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

/** @returns false when the address is used up, expired or unknown */
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
  // read to its end, so that the connection can be reused
  await response.arrayBuffer();
  return response.ok;
}

async function postInChannel(ways: Ways, channel: string, reply: Reply): Promise<boolean> {
  try {
    // nobody else reads a direct message, and ephemeral messages disappear
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

/** Slack received the call and rejected it, as for a channel that the app isn't in. */
function isSlackRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'slack_webapi_platform_error';
}

function cut(reply: Reply): Reply {
  return { ...reply, text: truncateMrkdwn(reply.text, LIMITS.message.text) };
}

function content(reply: Reply): { text: string; blocks?: types.KnownBlock[] } {
  return { text: reply.text, ...(reply.blocks === undefined ? {} : { blocks: [...reply.blocks] }) };
}
