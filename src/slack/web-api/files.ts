import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { WebClient } from '@slack/web-api';
import { Refusal } from '../../billing/refusal.ts';
import { within } from '../requests/deadline.ts';
import { refusalOf } from './api-errors.ts';

/** What a download needs from `files.info`. */
export interface SlackFile {
  readonly id?: string;
  readonly name?: string;
  readonly size?: number;
  readonly mode?: string;
  readonly is_external?: boolean;
  readonly external_type?: string;
  readonly url_private?: string;
  readonly url_private_download?: string;
  /** The messages that shared it, by channel ID, in either order. */
  readonly shares?: {
    readonly public?: Readonly<Record<string, readonly { readonly ts?: string }[]>>;
    readonly private?: Readonly<Record<string, readonly { readonly ts?: string }[]>>;
  };
}

export interface DownloadLimits {
  /** A file with more bytes ends the download with `file_too_large`. */
  readonly maxBytes: number;
  /** Requests and returns only this many bytes from the start. More isn't an error. */
  readonly headBytes?: number;
  /** How long Slack may take to answer, and how long it may pause between two chunks. */
  readonly stallMs?: number;
  /** How long Slack may take in total; 10 minutes by default. Time spent on our side doesn't count. */
  readonly totalMs?: number;
}

const DEFAULT_STALL_MS = 15_000;
const DEFAULT_TOTAL_MS = 600_000;
/** Modes of files that no longer exist, or that Slack no longer shows. */
const MODES_GONE: readonly string[] = ['tombstone', 'hidden_by_limit'];
/** Modes of canvases, posts and lists, which people write in Slack. */
const MODES_WRITTEN: readonly string[] = ['docs', 'space', 'post', 'quip', 'canvas', 'list'];
/** Modes of files whose bytes aren't in this workspace, or no longer exist. */
const MODES_WITHOUT_BYTES: readonly string[] = ['external', 'email', ...MODES_GONE, ...MODES_WRITTEN];
/** The hosts that serve Slack's files, including all their subdomains. */
const FILE_HOSTS: readonly string[] = ['slack.com', 'slack-files.com'];
/** Error codes for a file that can't be read, now or later. */
const GONE: readonly string[] = ['file_not_found', 'file_deleted', 'not_visible', 'access_denied'];

/**
 * Asks Slack about a file.
 *
 * @throws {Refusal} `file_gone` if it was deleted, or the app can't see it
 */
export async function fileInfo(client: WebClient, fileId: string): Promise<SlackFile> {
  try {
    const { file } = await client.files.info({ file: fileId });
    if (!file) throw gone();
    return file;
  } catch (error) {
    if (GONE.includes(refusalOf(error) ?? '')) throw gone(error);
    throw error;
  }
}

/**
 * The IDs of the files in the same message of a channel, including this one, and the message's ts. If the message can't
 * be found, only this file.
 */
export async function sharedTogether(
  client: WebClient,
  file: SlackFile & { readonly id: string },
  channelId: string,
): Promise<{ readonly fileIds: readonly string[]; readonly ts?: string }> {
  const shares = [...(file.shares?.public?.[channelId] ?? []), ...(file.shares?.private?.[channelId] ?? [])];
  const ts = shares
    .flatMap((share) => (share.ts === undefined ? [] : [share.ts]))
    .sort()
    .at(-1);
  if (ts === undefined) return { fileIds: [file.id] };
  const range = { latest: ts, oldest: ts, inclusive: true, limit: 1 };
  const { messages } = await client.conversations.history({ channel: channelId, ...range });
  const message = messages?.find((one) => one.ts === ts);
  const fileIds = (message?.files ?? []).flatMap(({ id }) => (id === undefined ? [] : [id]));
  return fileIds.includes(file.id) ? { fileIds, ts } : { fileIds: [file.id], ts };
}

/**
 * Downloads a file that a person shared in Slack. This is the only place where the product fetches one. The bot's token
 * is sent only to Slack's own hosts (and the Web API's host, which already has it), over HTTPS, and redirects are never
 * followed. The bytes are streamed.
 *
 * @throws {Refusal} `file_external` if the file isn't stored in Slack as bytes, `file_gone` if Slack no longer has it,
 * `file_too_large` if it has more than `maxBytes`, also while it is being read
 * @throws {Error} if Slack can't be reached or stalls: it may work later
 */
export async function downloadSlackFile(
  client: WebClient,
  file: SlackFile,
  { maxBytes, headBytes, stallMs = DEFAULT_STALL_MS, totalMs = DEFAULT_TOTAL_MS }: DownloadLimits,
): Promise<AsyncIterable<Uint8Array>> {
  const address = addressOf(file, client.slackApiUrl);
  if (headBytes === undefined && (file.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const stall = new AbortController();
  let leftMs = totalMs;
  // time spent on our side between two chunks doesn't count
  const inTime = async <T>(wait: () => Promise<T>) => {
    const began = performance.now();
    const most = Math.min(stallMs, leftMs);
    const late = () => (leftMs <= stallMs ? tooSlow(stall, totalMs) : stalled(stall, stallMs));
    try {
      return await within(Math.max(0, most), wait, late);
    } finally {
      leftMs -= performance.now() - began;
    }
  };
  const answer = await inTime(() =>
    fetch(address, {
      headers: {
        authorization: `Bearer ${client.token}`,
        ...(headBytes !== undefined && { range: `bytes=0-${headBytes - 1}` }),
      },
      redirect: 'manual',
      signal: stall.signal,
    }),
  );
  if (!isReadable(answer, file)) {
    await answer.body?.cancel();
    throw failure(answer, file);
  }
  const body = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  // a body that breaks while nobody reads it must not end the process; its reader gets the error
  body.on('error', () => undefined);
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const next = () => inTime(() => pieces.next());
  return limited(next, () => body.destroy(), { most: headBytes ?? maxBytes, cuts: headBytes !== undefined });
}

/** Whether the product can read the file's bytes from Slack; false for remote files and other hosts. */
export function isInSlack(client: WebClient, file: SlackFile): boolean {
  return trusted(file, client.slackApiUrl) !== undefined;
}

function addressOf(file: SlackFile, apiUrl: string): URL {
  const address = trusted(file, apiUrl);
  if (address) return address;
  const { mode = '' } = file;
  if (MODES_GONE.includes(mode)) throw gone();
  if (mode === 'email') throw new Refusal('file_external', { instead: 'email' });
  throw new Refusal('file_external', MODES_WRITTEN.includes(mode) ? { instead: 'document' } : {});
}

function trusted(file: SlackFile, apiUrl: string): URL | undefined {
  if (file.is_external || file.external_type || MODES_WITHOUT_BYTES.includes(file.mode ?? '')) return undefined;
  const address = URL.parse(file.url_private_download ?? file.url_private ?? '');
  if (address === null || `${address.username}${address.password}` !== '') return undefined;
  // a stand-in for Slack serves files from its Web API's host
  if (address.origin === new URL(apiUrl).origin) return address;
  const isSlack = FILE_HOSTS.some((host) => address.hostname === host || address.hostname.endsWith(`.${host}`));
  return isSlack && address.protocol === 'https:' && address.port === '' ? address : undefined;
}

/** Without access to a file, Slack answers with its sign-in page, a redirect to it, or an error as JSON. */
function isReadable(answer: Response, file: SlackFile): boolean {
  const type = answer.headers.get('content-type') ?? '';
  return answer.ok && answer.body !== null && !type.startsWith('text/html') && !isErrorInJson(answer, file);
}

/** Whether the answer is JSON although the file isn't. */
function isErrorInJson(answer: Response, { name = '' }: SlackFile): boolean {
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  return isJson && !/\.(?:jsonl?|ndjson)$/i.test(name);
}

function failure(answer: Response, file: SlackFile): Error {
  const { id = 'unknown' } = file;
  if (answer.ok && isErrorInJson(answer, file)) return new Error(`Slack returned JSON instead of file ${id}`);
  const isFinal = answer.status < 500 && answer.status !== 429 && answer.status !== 408;
  return isFinal ? gone() : new Error(`Slack returned ${answer.status} for file ${id}`);
}

async function* limited(
  next: () => Promise<IteratorResult<Uint8Array>>,
  end: () => void,
  { most, cuts }: { readonly most: number; readonly cuts: boolean },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for (let piece = await next(); !piece.done; piece = await next()) {
      bytes += piece.value.length;
      const above = Math.max(bytes - most, 0);
      if (above > 0 && !cuts) throw tooLarge(most);
      yield piece.value.subarray(0, piece.value.length - above);
      // a server may send everything in spite of the range
      if (cuts && bytes >= most) return;
    }
  } finally {
    end();
  }
}

function stalled(download: AbortController, ms: number): Error {
  const error = new Error(`Slack sent nothing for ${ms} ms`);
  download.abort(error);
  return error;
}

function tooSlow(download: AbortController, ms: number): Error {
  const error = new Error(`Slack didn’t send the file within ${ms} ms`);
  download.abort(error);
  return error;
}

function gone(cause?: unknown): Refusal {
  return new Refusal('file_gone', {}, { cause });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('file_too_large', { maxBytes });
}
