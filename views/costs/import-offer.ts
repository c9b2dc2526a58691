import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { isUtf16, looksLikeEcb, namesFocusColumns, whyNotFocus } from '../../src/imports/file/sniff.ts';
import { type AccountOfPerson, accountsOf } from '../../src/services/accounts/accounts.ts';
import { queueImport } from '../../src/services/costs/import-queue.ts';
import { inFull } from '../../src/services/costs/imports.ts';
import { importRates } from '../../src/services/costs/rates.ts';
import { once } from '../../src/services/kit/once-a-day.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onEventOnce } from '../../src/slack/app/event-once.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { downloadSlackFile, fileInfo, type SlackFile, sharedTogether } from '../../src/slack/web-api/files.ts';
import { readTarget, type Target, target } from '../kit/action-target.ts';
import { count } from '../kit/figures.ts';

const ADD = 'import.add';
const REPLACE = 'import.replace';
const RATES = 'import.rates';
const DISMISS = 'import.dismiss';
/** How much of a file is looked at to tell whether it is one of costs. */
const HEAD_BYTES = 64 * 1024;
/** Characters of a file's name that are shown where several are imported together. */
const MAX_NAME = 80;
/** More than any file of rates that is taken. */
const RATES_BYTES = 4 * 1024 * 1024;

/** Names of files that may be meant as costs: what can't be imported is answered, and pictures are left alone. */
const MAY_HOLD_COSTS =
  /\.(?:csv|tsv|tab|psv|txt|gz|zip|7z|bz2|zst|parquet|xlsx?|xlsm|xlsb|ods|numbers|xml|jsonl?|ndjson|pdf|html?)$/i;
const DOCUMENT = /\.(?:pdf|html?)$/i;
const TEXT = /\.txt$/i;

/**
 * Cost files, or files of exchange rates, that someone shares where the bot is: they are asked, privately, whether to
 * import them. The cost files of one message are imported together. Of a file that looks like one and can't be imported
 * they are told, privately, why and what to do.
 */
export function registerImportOffer(app: SlackApp, deps: Deps): void {
  onEventOnce(app, deps, 'file_shared', async (request, event) => {
    // this event names the person in a field of its own
    const userId = event.user_id;
    const current = (await accountsOf(request.teamId, userId)).find((one) => one.isCurrent);
    if (!current) return;
    const { client } = request;
    const file = { ...(await fileInfo(client, event.file_id)), id: event.file_id };
    const { fileIds, ts } = await sharedTogether(client, file, event.channel_id);
    // Slack may send an event twice, and sends one for each file of a message
    const key = fileIds.length === 1 ? `${event.file_id} ${event.event_ts}` : `${ts} ${current.account._id}`;
    await once(contextOf(deps, { ...request, userId }), `import offer ${event.channel_id} ${key}`, async () => {
      const place = { channelId: event.channel_id, userId, account: current.account };
      await offerAll(client, place, fileIds);
    });
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
    await request.respond({ text: `Read ${count(read, 'rate')} ${days}; ${changed} new.`, replace: true });
  });
  onAction(app, DISMISS, (request) => request.respond({ text: 'Not imported.', replace: true }));
}

/** Asks about each file that can be imported, about cost files together, and says why others can't be. */
async function offerAll(client: WebClient, place: OfferPlace, fileIds: readonly string[]): Promise<void> {
  const costs: SlackFile[] = [];
  let encoding = '';
  for (const fileId of fileIds) {
    const file = { ...(await fileInfo(client, fileId)), id: fileId };
    if (!file.name || !MAY_HOLD_COSTS.test(file.name)) continue;
    // elsewhere a PDF or a web page is a document like any other
    if (DOCUMENT.test(file.name) && place.account.financeChannelId !== place.channelId) continue;
    const head = await readHead(client, file, HEAD_BYTES);
    if (looksLikeEcb(head)) {
      await postOffer(client, place, [file], { what: 'the exchange rates of ', blocksOf: ratesOffer });
      continue;
    }
    const problem = whyNotFocus(head);
    if (!problem) {
      costs.push(file);
      if (isUtf16(head)) encoding = ' It is in UTF-16, and is read as such.';
    } else if (!TEXT.test(file.name) || namesFocusColumns(head)) {
      await tell(client, place, `${escapeMrkdwn(file.name)} can’t be imported. ${escapeMrkdwn(inFull(problem))}`);
    }
  }
  if (costs.length > 0) await postOffer(client, place, costs, { after: encoding, blocksOf: offer });
}

interface OfferPlace {
  readonly channelId: string;
  readonly userId: string;
  readonly account: AccountOfPerson['account'];
}

async function postOffer(
  client: WebClient,
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
  // a button carries 2,000 characters at most
  const names = files.map(({ name = '' }) => name.slice(0, files.length === 1 ? 200 : MAX_NAME));
  const bytes = files.reduce((total, file) => total + (file.size ?? 0), 0);
  const about = { account: account._id, channel, file: files.map(({ id }) => id).join(), name: names.join('\n') };
  const text = `Import ${what}${escapeMrkdwn(names.join(', '))} (${size(bytes)}) into the account ${escapeMrkdwn(account.name)}?${after}`;
  await tell(client, place, text, blocksOf(text, about));
}

async function tell(
  client: WebClient,
  { channelId: channel, userId: user }: OfferPlace,
  text: string,
  blocks: KnownBlock[] = [section(text)],
): Promise<void> {
  await client.chat.postEphemeral({ channel, user, text, blocks });
}

function queuedText({ fileName, isNew, state }: Awaited<ReturnType<typeof queueImport>>): string {
  const file = escapeMrkdwn(fileName);
  if (isNew) return `${file} is being imported. The result will be posted here.`;
  return state === 'unconfirmed'
    ? `The replacement with ${file} has been prepared already. Confirm or cancel it with the buttons of its message.`
    : `${file} is being imported already. The result will be posted here.`;
}

function offer(text: string, about: Partial<Target>): KnownBlock[] {
  const value = target(about);
  return [
    section(text),
    actions([
      button('Import', ADD, { value, style: 'primary' }),
      button('Replace what it gave before', REPLACE, { value }),
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

/** The first bytes of a file, all of it if it has fewer. @throws {Refusal} as `downloadSlackFile` */
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
