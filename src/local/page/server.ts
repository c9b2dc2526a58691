import { isFields, parseJson } from '../workspace/json.ts';
import type { Change, Fields, Snapshot } from '../workspace/types.ts';
import type { Who } from './world.ts';

/** The workspace refused, or couldn't be reached. The message is shown to the person. */
export class ServerError extends Error {}

/** Performs an action as a person. @throws ServerError */
export async function act(name: string, body: Fields): Promise<Fields> {
  return answerOf(
    fetch(`/-/act/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

/** Changes a setting in the test panel. @throws ServerError */
export async function turn(name: string, body: Fields): Promise<Fields> {
  return answerOf(
    fetch(`/-/bench/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

/** Uploads a file to a channel, or into a form if the channel is empty. @throws ServerError */
export async function uploadFile(who: Who, channel: string, file: File): Promise<Fields> {
  const query = new URLSearchParams({ ...who, channel, name: file.name });
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf(fetch(`/-/upload?${query}`, { method: 'POST', headers, body: file }));
}

/** Where the page reads a file; `download` saves it. */
export function fileUrl(who: Who, id: string, download = false): string {
  const query = new URLSearchParams({ ...who, ...(download && { download: '1' }) });
  return `/-/file/${encodeURIComponent(id)}?${query}`;
}

/**
 * Listens to what the person may see; without a workspace or a person, to the first one's.
 * @returns a function that stops listening
 */
export function listen(
  who: Partial<Who>,
  onSnapshot: (snapshot: Snapshot, isReset: boolean) => void,
  onChange: (change: Change) => void,
  onConnection: (connected: boolean) => void,
): () => void {
  const source = new EventSource(`/-/stream?${new URLSearchParams({ ...who })}`);
  source.addEventListener('open', () => onConnection(true));
  source.addEventListener('error', () => onConnection(false));
  source.addEventListener('snapshot', (event) => onSnapshot(JSON.parse(event.data), false));
  source.addEventListener('reset', (event) => onSnapshot(JSON.parse(event.data), true));
  source.addEventListener('change', (event) => onChange(JSON.parse(event.data)));
  return () => source.close();
}

async function answerOf(call: Promise<Response>): Promise<Fields> {
  const response = await call.catch(() => {
    throw new ServerError('The workspace can’t be reached. Is it still running?');
  });
  const answer = parseJson(await response.text());
  if (!isFields(answer)) throw new ServerError('The workspace sent an invalid response.');
  if (answer.ok !== true) throw new ServerError(`Something went wrong: ${String(answer.error)}`);
  return answer;
}
