import { deleteEndedWorkspaces } from '../src/services/workspaces/retention.ts';
import type { Job } from './kit/job.ts';

/** Deletes what is kept about workspaces that uninstalled the app. @param days how long after that */
export function retentionJob(days: number): Job {
  return {
    name: 'retention',
    does: 'deletes what is kept about Slack workspaces that uninstalled the app, after the retention period',
    everyMs: 3_600_000,
    concurrency: 'one',
    missed: 'everything whose retention period has ended is deleted',
    run: (ctx) => deleteEndedWorkspaces(ctx, days),
  };
}
