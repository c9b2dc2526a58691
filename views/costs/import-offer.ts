import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { Refusal } from '../../src/billing/refusal.ts';
import { isUtf16, looksLikeEcb, namesFocusColumns, whyNotFocus } from '../../src/imports/file/sniff.ts';
import { type AccountOfPerson, accountsOf } from '../../src/services/accounts/accounts.ts';
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
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { permanentErrorOf } from '../../src/slack/web-api/api-errors.ts';
import { downloadSlackFile, fileInfo, type SlackFile, sharedTogether } from '../../src/slack/web-api/files.ts';
import { readTarget, type Target, target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';

const ADD = 'import.add';
const REPLACE = 'import.replace';
const RATES = 'import.rates';
const DISMISS = 'import.dismiss';
/** How much of a file is read to check whether it has costs. */
const HEAD_BYTES = 64 * 1024;
/** How many characters of each file name are shown when several are imported together. */
const MAX_NAME = 80;
/** More than the largest accepted file of rates. */
const RATES_BYTES = 4 * 1024 * 1024;

/** Names of files that may be cost files: problems with these are reported, and pictures are ignored. */
const MAY_HOLD_COSTS =
  /\.(?:csv|tsv|tab|psv|txt|gz|zip|7z|bz2|zst|parquet|xlsx?|xlsm|xlsb|ods|numbers|xml|jsonl?|ndjson|pdf|html?)$/i;
const DOCUMENT = /\.(?:pdf|html?)$/i;
const TEXT = /\.txt$/i;

/**
 * Cost files or exchange rate files shared where the bot is: the person is asked privately whether to import them. The
 * cost files in one message are imported together. If a file that looks like one can't be imported, a private message
 * says why and what to do.
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
    const days = from === to ? `of ${from}` : `of ${from} to ${to}`;
    await request.respond({ text: `Read ${count(read, 'rate')} ${days}, ${changed} new.`, replace: true });
  });
  onAction(app, DISMISS, (request) => request.respond({ text: 'Not imported.', replace: true }));
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
        const text = escapeMrkdwn(refusalInFull(error));
        await untilDone(ctx, `import offer ${id}`, () => client.chat.postEphemeral({ channel, user, text }));
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
  const current = (await accountsOf(teamId, userId)).find((one) => one.isCurrent);
  if (!current) return true;
  const file = { ...(await fileInfo(client, fileId)), id: fileId };
  const { fileIds, ts } = await sharedTogether(client, file, channelId);
  // Slack sends an event for each file in a message
  const what = fileIds.length === 1 ? `${fileId} ${eventTs}` : `${ts} ${current.account._id}`;
  const key = `import offer ${channelId} ${what}`;
  const place = { ctx, client, key, channelId, userId, account: current.account };
  const isDone = await alone(key, async () => {
    await offerAll(place, fileIds);
    return true;
  });
  return isDone ?? false;
}

/** Asks about each file that can be imported, with cost files together, and explains why others can't be. */
async function offerAll(place: OfferPlace, fileIds: readonly string[]): Promise<void> {
  const { client } = place;
  const costs: SlackFile[] = [];
  let encoding = '';
  for (const fileId of fileIds) {
    const file = { ...(await fileInfo(client, fileId)), id: fileId };
    if (!file.name || !MAY_HOLD_COSTS.test(file.name)) continue;
    // elsewhere a PDF or a web page is an ordinary document
    if (DOCUMENT.test(file.name) && place.account.financeChannelId !== place.channelId) continue;
    const head = await readHead(client, file, HEAD_BYTES);
    if (looksLikeEcb(head)) {
      await postOffer(place, [file], { what: 'the exchange rates of ', blocksOf: ratesOffer });
      continue;
    }
    const problem = whyNotFocus(head);
    if (!problem) {
      costs.push(file);
      if (isUtf16(head)) encoding = ' The file is in UTF-16, which is supported.';
    } else if (!TEXT.test(file.name) || namesFocusColumns(head)) {
      await tell(
        place,
        file.id,
        `${escapeMrkdwn(file.name)} can’t be imported. ${escapeMrkdwn(refusalInFull(problem))}`,
      );
    }
  }
  if (costs.length > 0) await postOffer(place, costs, { after: encoding, blocksOf: offer });
}

interface OfferPlace {
  readonly ctx: Ctx;
  readonly client: WebClient;
  /** Shared by all answers about a message's files. */
  readonly key: string;
  readonly channelId: string;
  readonly userId: string;
  readonly account: AccountOfPerson['account'];
}

async function postOffer(
  place: OfferPlace,
  files: readonly SlackFile[],
  words: {
    readonly what?: string;
    readonly after?: string;
    readonly blocksOf: (text: string, about: Partial<Target>) => KnownBlock[];
  },
): Promise<void> {
  const { channelId: channel, account } = place;
  const { what = '', after = '', blocksOf } = words;
  // a button can carry at most 2,000 characters
  const names = files.map(({ name = '' }) => name.slice(0, files.length === 1 ? 200 : MAX_NAME));
  const bytes = files.reduce((total, file) => total + (file.size ?? 0), 0);
  const about = { account: account._id, channel, file: files.map(({ id }) => id).join(), name: names.join('\n') };
  const text = `Import ${what}${escapeMrkdwn(names.join(', '))} (${size(bytes)}) into the account ${escapeMrkdwn(account.name)}?${after}`;
  await tell(place, about.file, text, blocksOf(text, about));
}

/** Posts a message about files once. */
async function tell(
  { ctx, client, key, channelId: channel, userId: user }: OfferPlace,
  about: string,
  text: string,
  blocks: KnownBlock[] = [section(text)],
): Promise<void> {
  await untilDone(ctx, `${key} ${about}`, () => client.chat.postEphemeral({ channel, user, text, blocks }));
}

function queuedText({ fileName, isNew, state }: Awaited<ReturnType<typeof queueImport>>): string {
  const file = escapeMrkdwn(fileName);
  if (isNew) return `${file} is being imported. The result will be posted here.`;
  return state === 'unconfirmed'
    ? `The replacement with ${file} is already prepared. Confirm or cancel it with the buttons in its message.`
    : `${file} is already being imported. The result will be posted here.`;
}

function offer(text: string, about: Partial<Target>): KnownBlock[] {
  const value = target(about);
  return [
    section(text),
    actions([
      button('Import', ADD, { value, style: 'primary' }),
      button('Replace earlier costs', REPLACE, { value }),
      button('Not now', DISMISS, { value }),
    ]),
  ];
}

function ratesOffer(text: string, about: Partial<Target>): KnownBlock[] {
  const value = target(about);
  return [
    section(text),
    actions([button('Import rates', RATES, { value, style: 'primary' }), button('Not now', DISMISS, { value })]),
  ];
}

/** The first bytes of a file, or all of it if it has fewer. @throws {Refusal} as `downloadSlackFile` */
async function readHead(client: WebClient, file: SlackFile, headBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await downloadSlackFile(client, file, { maxBytes: headBytes, headBytes }))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
