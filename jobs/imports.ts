import { Refusal } from '../src/billing/refusal.ts';
import { teamOf } from '../src/services/accounts/accounts.ts';
import { eachOfAll, eachStep, type Loop } from '../src/services/background/each-of-all.ts';
import {
  type ImportName,
  type ImportReport,
  markTold,
  PENDING_IMPORTS,
  refuseImport,
  UNREPORTED_IMPORTS,
  type WaitingImports,
} from '../src/services/costs/import-queue.ts';
import { importFocus } from '../src/services/costs/imports.ts';
import { fillSums } from '../src/services/costs/load-sums.ts';
import { teamsAwaitingAnswers, unansweredFiles, type WaitingFile } from '../src/services/costs/shared-files.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import { TOKEN_WORDS } from '../src/services/notices/courier.ts';
import { SourcePoller } from '../src/services/sources/source-poller.ts';
import type { SourceTools } from '../src/services/sources/source-storage.ts';
import { refusalInFull } from '../src/slack/refusal-texts/index.ts';
import { permanentErrorOf } from '../src/slack/web-api/api-errors.ts';
import type { Place } from '../src/slack/web-api/messenger.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { answerSharedFile } from '../views/costs/import-offer.ts';
import { importReportMessage } from '../views/costs/import-report.ts';
import { accountsInReach, inReach, messengerFor } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';
import { namedMessage } from './kit/named-message.ts';
import { postOnce } from './kit/post-once.ts';

const BATCH = 10;
const name = ({ _id: id, accountId }: ImportName) => ({ id, accountId });
const IMPORTING: Loop<ImportName> = {
  ...{ kind: 'import', whole: 'everywhere', name, most: BATCH, atOnce: 3, inTurn: true },
  what: 'import a file from Slack',
  // only one import of an account can run at a time
  inOrder: ({ accountId }) => accountId,
};
/** The person isn’t notified: the next try may work, and anyone who shared a file sees that there is no answer yet. */
const ANSWERING: Loop<WaitingFile> = {
  ...{ kind: 'shared-file', whole: 'everywhere', name: ({ id }) => ({ id }), most: BATCH, atOnce: 4, inTurn: true },
};
const REPORTING: Loop<ImportName> = {
  kind: 'import-report',
  whole: 'everywhere',
  name,
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};

/** Imports the files shared in Slack, including those left unfinished by a killed process, and reports the results. */
export function importsJob(messengers: Messengers): Job {
  return {
    name: 'imports',
    does: 'imports files that people dropped in Slack, and reports the result',
    everyMs: 5_000,
    concurrency: 'each process',
    missed: 'all waiting files, and those that a killed process left unfinished, are imported, once each',
    async run(ctx) {
      const each = async (
        loop: Loop<ImportName>,
        waiting: WaitingImports,
        work: (ctx: Ctx, messengers: Messengers, one: ImportReport) => Promise<void>,
      ) => {
        const accountIds = await accountsInReach(messengers, await waiting.accountIds());
        await eachOfAll(ctx, loop, waiting.each(accountIds), async (named) => {
          const one = await waiting.now(named);
          if (one) await work(ctx, messengers, one);
        });
      };
      const sendReports = () => each(REPORTING, UNREPORTED_IMPORTS, report);
      await eachStep(ctx, {
        'answer shared files': async () =>
          eachOfAll(
            ctx,
            ANSWERING,
            unansweredFiles(await messengers.installedAmong(await teamsAwaitingAnswers(ctx))),
            async (one) => answerSharedFile(ctx, (await messengers.of(one.teamId)).client, one),
          ),
        // first, so that they don't wait for later imports
        'send earlier reports': sendReports,
        'import files': () => each(IMPORTING, PENDING_IMPORTS, importOne),
        'send reports': sendReports,
        'sum costs': () => fillSums(ctx),
      });
    },
  };
}

/** On behalf of the person who asked, whose permission is checked again. */
async function importOne(given: Ctx, messengers: Messengers, waiting: ImportReport): Promise<void> {
  const ctx = { ...given, explain: refusalInFull };
  const { slack, accountId, fileName, replace, month, actor: userId } = waiting;
  if (!slack) return;
  const teamId = await teamOf(accountId);
  const messenger = await messengers.of(teamId);
  const actor = { kind: 'person', teamId, userId } as const;
  const [first = fileName, ...others] = slack.fileNames ?? [];
  const part = (name: string, fileId: string) => ({ fileName: name, open: () => messenger.download(fileId) });
  const more = (slack.moreFileIds ?? []).map((fileId, at) => part(others[at] ?? fileId, fileId));
  try {
    await importFocus(
      { ...ctx, actor },
      {
        ...{ accountId, ...part(first, slack.fileId), more, replace, confirmation: 'ask', queuedId: waiting.id },
        ...(month !== undefined && { month }),
      },
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // an import running elsewhere isn’t finished: the next tick checks again
    if (error.code !== 'import_running') await refuseImport(ctx, waiting, error);
  }
}

/**
 * Reports where the file was shared, or else to the person who shared it. A person who can’t receive messages gets
 * none.
 */
async function report(ctx: Ctx, messengers: Messengers, done: ImportReport): Promise<void> {
  const { slack, id } = done;
  if (!slack) return;
  const messenger = await messengerFor(messengers, done.accountId);
  // a replacement is confirmed first, and its outcome is another message
  const key = done.state === 'unconfirmed' ? `${id}:question` : id;
  const message = await namedMessage(done.accountId, importReportMessage(done));
  const post = (place: Place) => postOnce(ctx, messenger, place, message, key);
  const thread = slack.threadTs === null ? {} : { threadTs: slack.threadTs };
  const ways = [
    () => post({ channelId: slack.channelId, ...thread }),
    ...(slack.threadTs === null ? [] : [() => post({ channelId: slack.channelId })]),
    async () => post({ channelId: await messenger.directMessages(done.actor) }),
  ];
  await firstTaken(ctx, id, ways);
  await markTold(done);
}

/** Tries the next way if Slack will never accept the previous one. */
async function firstTaken(ctx: Ctx, importId: string, [way, ...others]: (() => Promise<unknown>)[]): Promise<void> {
  if (!way) return;
  try {
    await way();
  } catch (error) {
    const reason = permanentErrorOf(error);
    if (reason === undefined || TOKEN_WORDS.includes(reason)) throw error;
    ctx.log.warn({ importId, reason }, 'Slack rejected the report of an import');
    await firstTaken(ctx, importId, others);
  }
}

/** Reads sources of cost files. A tick only starts it, so that no source waits for another. */
export function sourcesJob(messengers: Messengers, tools: SourceTools): Job {
  const poller = new SourcePoller(tools, {}, (sources) => inReach(messengers, sources));
  return {
    name: 'sources',
    does: 'looks for new cost files at connected sources, and imports those that are complete',
    everyMs: 15_000,
    concurrency: 'each process',
    missed: 'each source is read once, and what was delivered in the meantime is imported in its latest version',
    run: (ctx) => poller.poke({ ...ctx, explain: refusalInFull }),
    idle: () => poller.idle(),
    stop: () => poller.stop(),
  };
}
