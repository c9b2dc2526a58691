import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { isUtf16, looksLikeEcb, namesFocusColumns, whyNotFocus } from '../src/imports/sniff.ts';
import { accountsOf } from '../src/services/accounts.ts';
import { inFull, queueImport } from '../src/services/imports.ts';
import { importRates } from '../src/services/rates.ts';
import type { SlackApp } from '../src/slack/app.ts';
import { actions, button, section } from '../src/slack/blocks.ts';
import { contextOf, type Deps } from '../src/slack/caller.ts';
import { onEventOnce } from '../src/slack/event-once.ts';
import { downloadSlackFile, fileInfo, type SlackFile } from '../src/slack/files.ts';
import { escapeMrkdwn } from '../src/slack/mrkdwn.ts';
import { onAction } from '../src/slack/register.ts';
import { count } from './shared.ts';
import { readTarget, type Target, target } from './target.ts';

const ADD = 'import.add';
const REPLACE = 'import.replace';
const RATES = 'import.rates';
const DISMISS = 'import.dismiss';
/** How much of a file is looked at to tell whether it is one of costs. */
const HEAD_BYTES = 64 * 1024;
/** More than any file of rates that is taken. */
const RATES_BYTES = 4 * 1024 * 1024;

/** Names of files that may be meant as costs: what can't be imported is answered, and pictures are left alone. */
const MAY_HOLD_COSTS =
  /\.(?:csv|tsv|tab|psv|txt|gz|zip|7z|bz2|zst|parquet|xlsx?|xlsm|xlsb|ods|numbers|xml|jsonl?|ndjson|pdf|html?)$/i;
const DOCUMENT = /\.(?:pdf|html?)$/i;
const TEXT = /\.txt$/i;

/**
 * A cost file, or one of exchange rates, that someone drops where the bot is: they are asked, privately, whether to
 * import it. Of a file that looks like one and can't be imported they are told, privately, why and what to do.
 */
export function registerImportOffer(app: SlackApp, deps: Deps): void {
  onEventOnce(app, deps, 'file_shared', async (request, event) => {
    // this event names the person in a field of its own
    const userId = event.user_id;
    const file = await fileInfo(request.client, event.file_id);
    if (!file.name || !MAY_HOLD_COSTS.test(file.name)) return;
    const current = (await accountsOf(request.teamId, userId)).find((one) => one.isCurrent);
    if (!current) return;
    // elsewhere a PDF or a web page is a document like any other
    if (DOCUMENT.test(file.name) && current.account.financeChannelId !== event.channel_id) return;
    const head = await readHead(request.client, file, HEAD_BYTES);
    const isRates = looksLikeEcb(head);
    const problem = isRates ? undefined : whyNotFocus(head);
    if (problem) {
      if (TEXT.test(file.name) && !namesFocusColumns(head)) return;
      const text = `${escapeMrkdwn(file.name)} can’t be imported. ${escapeMrkdwn(inFull(problem))}`;
      await request.client.chat.postEphemeral({
        channel: event.channel_id,
        user: userId,
        text,
        blocks: [section(text)],
      });
      return;
    }
    const about = {
      account: current.account._id,
      channel: event.channel_id,
      file: event.file_id,
      name: file.name.slice(0, 200),
    };
    const what = isRates ? 'the exchange rates of ' : '';
    const encoding = !isRates && isUtf16(head) ? ' It is in UTF-16, and is read as such.' : '';
    const text = `Import ${what}${escapeMrkdwn(file.name)} (${size(file.size ?? 0)}) into the account ${escapeMrkdwn(current.account.name)}?${encoding}`;
    await request.client.chat.postEphemeral({
      channel: event.channel_id,
      user: userId,
      text,
      blocks: isRates ? ratesOffer(text, about) : offer(text, about),
    });
  });
  onAction(app, [ADD, REPLACE], async (request, action) => {
    const { account, channel, file, name } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    const slack = { fileId: file, channelId: channel, threadTs: null };
    await queueImport(ctx, { accountId: account, fileName: name, replace: action.actionId === REPLACE, slack });
    await request.respond({
      text: `${escapeMrkdwn(name)} is being imported. I will say here how it went.`,
      replace: true,
    });
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

function offer(text: string, about: Partial<Target>): KnownBlock[] {
  const value = target(about);
  const confirm = {
    title: 'Replace costs?',
    text: 'What this file’s sources gave for its billing months before is exchanged for what the file says. Months that are invoiced can’t be replaced.',
    confirm: 'Replace',
    danger: true,
  };
  return [
    section(text),
    actions([
      button('Import', ADD, { value, style: 'primary' }),
      button('Replace what it gave before', REPLACE, { value, confirm }),
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
