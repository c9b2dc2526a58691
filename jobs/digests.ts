import { announceDigests } from '../src/services/notices/cost-digests.ts';
import type { Job } from './kit/job.ts';

/** Starts weekly and monthly cost digests. */
export const digestsJob: Job = {
  name: 'digests',
  does: 'starts weekly and monthly cost digests',
  everyMs: 60_000,
  zone: 'due on Monday and on the first of the month, at nine in the account’s time zone',
  concurrency: 'each process',
  missed: 'the digest of the last week or month is sent, once. Earlier ones aren’t',
  run: announceDigests,
};
