import { type Job, lockMsOf } from './job.ts';

/** The table of all jobs in docs/jobs.md, in Markdown, with a line break after each row. */
export function jobsTable(jobs: readonly Job[]): string {
  const head = ['job', 'what it does', 'every', 'time zone', 'lock', 'concurrency', 'after an outage'];
  const rows = jobs.map((job) => [
    `\`${job.name}\``,
    job.does,
    spanOf(job.everyMs),
    job.zone ?? '—',
    spanOf(lockMsOf(job)),
    job.concurrency,
    job.missed,
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function spanOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
