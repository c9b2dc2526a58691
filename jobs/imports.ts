import { Refusal } from '../src/billing/refusal.ts';
import { teamOf } from '../src/services/accounts.ts';
import type { Ctx } from '../src/services/context.ts';
import {
  type ImportReport,
  importFocus,
  importsUntold,
  importsWaiting,
  markTold,
  refuseImport,
} from '../src/services/imports.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import { importReportMessage } from '../views/import-report.ts';
import type { Job } from './job.ts';

const BATCH = 10;

/** Imports the files that people dropped in Slack, also those that a killed process left half done, and says how it went. */
export function importsJob(messenger: Messenger): Job {
  return {
    name: 'imports',
    does: 'imports files that people dropped in Slack, and says how it went',
    everyMs: 5_000,
    concurrency: 'each process',
    missed: 'all files that wait, and those that a killed process left half done, are imported then, each once',
    async run(ctx) {
      for (const waiting of await importsWaiting(BATCH)) await importOne(ctx, messenger, waiting);
      for (const done of await importsUntold(BATCH)) await report(messenger, done);
    },
  };
}

/** In the name of the person who asked: whoever lost the right meanwhile is refused. */
async function importOne(ctx: Ctx, messenger: Messenger, waiting: ImportReport): Promise<void> {
  const { slack, accountId, fileName, replace, actor: userId } = waiting;
  if (!slack) return;
  const actor = { kind: 'person', teamId: await teamOf(accountId), userId } as const;
  try {
    await importFocus(
      { ...ctx, actor },
      { accountId, fileName, replace, queuedId: waiting.id, open: () => messenger.download(slack.fileId) },
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // one that runs elsewhere is not over: the next tick looks again
    if (error.code !== 'import_running') await refuseImport(ctx, waiting.id, error.message);
  }
}

async function report(messenger: Messenger, done: ImportReport): Promise<void> {
  const { slack } = done;
  if (!slack) return;
  const place = { channelId: slack.channelId, ...(slack.threadTs !== null && { threadTs: slack.threadTs }) };
  // looked for each time: noting first that it is about to be said would cost as much
  await messenger.post(place, importReportMessage(done), done.id, true);
  await markTold(done.id);
}
