import type { Fault } from '../../../src/local/workspace/index.ts';

/** The faults in local mode's test panel: each way to fail, on each call, a number of times. */
const WAYS: readonly Omit<Fault, 'method'>[] = [
  { kind: 'slow', ms: 5_000 },
  { kind: '429', retryAfter: 5 },
  { kind: '500' },
  { kind: '500', status: 503 },
  { kind: 'drop-before' },
  { kind: 'drop-after' },
  { kind: 'error', error: 'fatal_error' },
];
const CALLS = [
  '*',
  'chat.postMessage',
  'chat.postEphemeral',
  'chat.update',
  'conversations.history',
  'files.getUploadURLExternal',
  'files.completeUploadExternal',
  'users.info',
  'views.open',
  'views.push',
  'views.update',
  'views.publish',
  'response_url',
  'upload',
  'download',
] as const;
const TIMES = [1, 3, 'always'] as const;

/** The workspace's name for a way to fail in its counts. */
export const WAY_NAMES = WAYS.map(({ kind, status }) => String(status ?? kind));

/** Each way to fail on each call, in random order, repeating once all have been used. */
export function* slackFaults(random: () => number): Generator<Fault> {
  for (let round = 0; ; round++) {
    const all = CALLS.flatMap((method, at) =>
      WAYS.map((way, place): Fault => ({ ...way, method, times: TIMES[(at + place + round) % TIMES.length] ?? 1 })),
    );
    for (const { fault } of all.map((one) => ({ fault: one, place: random() })).sort((a, b) => a.place - b.place))
      yield fault;
  }
}
