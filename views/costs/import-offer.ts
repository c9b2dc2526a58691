import type { WebClient } from '@slack/web-api';
import { dayName } from '../../src/billing/period/day.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import { accountsOf } from '../../src/services/accounts/accounts.ts';
import { queueImport } from '../../src/services/costs/import-queue.ts';
import { importRates } from '../../src/services/costs/rates.ts';
import {
  alone,
  answerFile,
  awaitAnswer,
  type SharedFile,
  type WaitingFile,
  waitingFile,
} from '../../src/services/costs/shared-files.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { untilDone } from '../../src/services/kit/once-a-day.ts';
import { TOKEN_WORDS } from '../../src/services/notices/courier.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { beforeAcknowledging, onAction, onEvent } from '../../src/slack/app/listeners.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { callerFor, contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { refusalSentence } from '../../src/slack/requests/explain.ts';
import { permanentErrorOf } from '../../src/slack/web-api/api-errors.ts';
import { fileInfo, sharedTogether } from '../../src/slack/web-api/files.ts';
import { readTarget } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';
import { FILE_DISMISS } from '../kit/open-actions.ts';
import { ADD, answerFiles, named, RATES, REPLACE, readHead } from './file-answers.ts';

/** More than the largest accepted file of rates. */
const RATES_BYTES = 4 * 1024 * 1024;

/**
 * Cost files, bank statements or exchange rate files shared where the bot is: the person is asked privately whether to
 * import them. The cost files in one message are imported together. About every other file, a private message says what
 * it seems to be and what to do.
 */
export function registerImportOffer(app: SlackApp, deps: Deps): void {
  beforeAcknowledging(app, 'file_shared', (event, teamId) => awaitAnswer(deps, sharedOf(event, teamId)));
  onEvent(app, 'file_shared', async (request, event) => {
    const shared = sharedOf({ ...event }, request.teamId);
    const ctx = contextOf(deps, { ...request, userId: shared.userId });
    try {
      await answerSharedFile(ctx, request.client, waitingFile(shared));
    } catch (error) {
      request.log.warn({ err: error }, 'the reply to a shared file could not be posted yet');
    }
  });
  onAction(app, [ADD, REPLACE], async (request, action) => {
    const { account, channel, file, name } = readTarget(action.value);
    const [fileId = '', ...moreFileIds] = file.split(',');
    const fileNames = name.split('\n');
    const more = moreFileIds.length > 0 ? { moreFileIds, fileNames } : {};
    const queued = await queueImport(contextOf(deps, request), {
      accountId: account,
      fileName: fileNames.join(', '),
      replace: action.actionId === REPLACE,
      slack: { fileId, ...more, channelId: channel, threadTs: null },
    });
    await request.respond({ text: queuedText(queued), replace: true });
  });
  onAction(app, RATES, async (request, action) => {
    const { account, file: fileId } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const text = async () => {
      const bytes = await readHead(request.client, await fileInfo(request.client, fileId), RATES_BYTES);
      return bytes.toString('utf8');
    };
    const { read, changed, from, to } = await importRates(ctx, { accountId: account, text });
    const days = from === to ? `for ${dayName(from)}` : `from ${dayName(from)} to ${dayName(to)}`;
    await request.respond({ text: `Read ${count(read, 'exchange rate')} ${days}, ${changed} new.`, replace: true });
  });
  onAction(app, FILE_DISMISS, (request) => request.respond({ text: 'Not imported.', replace: true }));
}

/** This event names the person in a separate field. */
function sharedOf(event: Readonly<Record<string, unknown>>, teamId: string): SharedFile {
  const [userId, channelId, fileId, eventTs] = [event.user_id, event.channel_id, event.file_id, event.event_ts].map(
    String,
  );
  return { teamId, userId: userId ?? '', channelId: channelId ?? '', fileId: fileId ?? '', eventTs: eventTs ?? '' };
}

/**
 * Offers to import a shared file, or explains why it can't be imported, once. If Slack fails, the file stays pending.
 * Safe to repeat, from any process.
 *
 * @throws {Error} when Slack may answer later
 */
export async function answerSharedFile(ctx: Ctx, client: WebClient, waiting: WaitingFile): Promise<void> {
  await answerFile(waiting, async () => {
    try {
      return await answer(ctx, client, waiting);
    } catch (error) {
      const { id, channelId: channel, userId: user } = waiting;
      if (error instanceof Refusal) {
        const { text, blocks } = refusalSentence(error);
        const message = named({ text, blocks: [...blocks] }, await accountAmong(waiting));
        await untilDone(ctx, `import offer ${id}`, () => client.chat.postEphemeral({ channel, user, ...message }));
        return true;
      }
      const reason = permanentErrorOf(error);
      if (reason === undefined || TOKEN_WORDS.includes(reason)) throw error;
      ctx.log.warn({ file: waiting.fileId, reason }, 'the reply to a shared file can’t be posted');
      return true;
    }
  });
}

/** @returns false while another process answers the message that shared the file */
async function answer(ctx: Ctx, client: WebClient, { fileId, eventTs, ...of }: WaitingFile): Promise<boolean> {
  const { teamId, userId, channelId } = of;
  const all = await accountsOf(teamId, userId);
  const current = all.find((one) => one.isCurrent);
  const isDirect = channelId.startsWith('D');
  if (!current) {
    // in channels, people without an account share files that aren't meant for the app
    if (isDirect) await callerFor(ctx, { teamId, userId });
    return true;
  }
  const file = { ...(await fileInfo(client, fileId)), id: fileId };
  const { fileIds, ts } = await sharedTogether(client, file, channelId);
  // Slack sends an event for each file in a message
  const what = fileIds.length === 1 ? `${fileId} ${eventTs}` : `${ts} ${current.account._id}`;
  const key = `import offer ${teamId} ${channelId} ${what}`;
  // the job answers for the person, whose permission counts
  const person = { ...ctx, actor: { kind: 'person', teamId, userId } } as const;
  const { account } = current;
  const accountName = all.length > 1 ? account.name : undefined;
  const place = { ctx: person, client, key, channelId, userId, account, isDirect, accountName };
  const isDone = await alone(key, async () => {
    await answerFiles(place, fileIds);
    return true;
  });
  return isDone ?? false;
}

/** The account that a file's answer is about, for a person with several. */
async function accountAmong({ teamId, userId }: Pick<WaitingFile, 'teamId' | 'userId'>): Promise<string | undefined> {
  const all = await accountsOf(teamId, userId);
  return all.length > 1 ? all.find((one) => one.isCurrent)?.account.name : undefined;
}

function queuedText({ fileName, isNew, state }: Awaited<ReturnType<typeof queueImport>>): string {
  const file = escapeMrkdwn(fileName);
  if (isNew) return `${file} is being imported. The result will be posted here.`;
  return state === 'unconfirmed'
    ? `The replacement with ${file} is already prepared. Confirm or cancel it with the buttons in its message.`
    : `${file} is already being imported. The result will be posted here.`;
}
