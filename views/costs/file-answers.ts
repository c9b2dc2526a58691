import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { Refusal } from '../../src/billing/refusal.ts';
import { isOrdinary } from '../../src/imports/file/file-kind.ts';
import {
  assertComplete,
  assertRows,
  MANIFEST_BYTES,
  type Manifest,
  readManifest,
} from '../../src/imports/file/manifest.ts';
import { packedKindOf } from '../../src/imports/file/packed-kind.ts';
import { isTable, isUtf16, looksLikeEcb, whyNotFocus } from '../../src/imports/file/sniff.ts';
import type { AccountOfPerson } from '../../src/services/accounts/accounts.ts';
import type { ImportPart } from '../../src/services/costs/importing/import-parts.ts';
import { mappingsOf } from '../../src/services/costs/mappings/cost-mappings.ts';
import { canBeMapped, canFileBeMapped, isMapped } from '../../src/services/costs/mappings/mapping-draft.ts';
import { assertMayImport, type ImportPreview, previewImport } from '../../src/services/costs/preview/import-preview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { untilDone } from '../../src/services/kit/once-a-day.ts';
import { statementKind } from '../../src/services/settlement/statement-files.ts';
import { nameMessage } from '../../src/slack/blocks/account-name.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { refusalInFull } from '../../src/slack/refusal-texts/index.ts';
import { downloadSlackFile, fileInfo, type SlackFile } from '../../src/slack/web-api/files.ts';
import { type Target, target } from '../kit/action-target.ts';
import { FILE_DISMISS } from '../kit/open-actions.ts';
import { statementOffer } from '../payments/statement-offer.ts';
import { hasRows, previewBlocks } from './import-preview.ts';
import { MAPPING_OPEN, mappingButton } from './mapping/mapping-offer.ts';
import { ReadingNotice } from './reading-notice.ts';

export const ADD = 'import.add';
export const REPLACE = 'import.replace';
export const RATES = 'import.rates';

const READING =
  'Reading your file, which takes a moment. I’ll then show you here what an import would change. Nothing is stored until you decide.';
/** How much of a file is read to find out what it is. */
const HEAD_BYTES = 64 * 1024;
/** How many characters of each file name are shown when several are imported together. */
const MAX_NAME = 80;
/** Files up to this size are previewed without an announcement: reading them takes about a second. */
const QUICK_BYTES = 8 * 1024 * 1024;
/** The same for compressed files, which have about ten times as many rows. */
const QUICK_PACKED_BYTES = 512 * 1024;
/** Slack's limit for a file. */
const MAX_BYTES = 1024 ** 3;

/** Where and about what a message's files are answered. */
export interface OfferPlace {
  readonly ctx: Ctx;
  readonly client: WebClient;
  /** Shared by all answers about a message's files. */
  readonly key: string;
  readonly channelId: string;
  readonly userId: string;
  readonly account: AccountOfPerson['account'];
  /** Whether it is a direct message to the app. */
  readonly isDirect: boolean;
  /** For a person with several accounts. */
  readonly accountName: string | undefined;
}

/** A cost file, and what its beginning tells. */
interface CostFile extends SlackFile {
  readonly isPacked: boolean;
  readonly isUtf16: boolean;
}

/**
 * Asks about each file that can be imported, with cost files together, and explains why others can't be. What a file is
 * is decided by its bytes. In channels, people who may not import only hear about files that may have been meant for the
 * app.
 *
 * @throws {Refusal} `role_needed` at the first file that this person may not import
 */
export async function answerFiles(place: OfferPlace, fileIds: readonly string[]): Promise<void> {
  const mayImport = await isAllowed(place);
  // people who send the app a file expect an answer
  if (!mayImport && place.isDirect) await assertMayImport(place.ctx, place.account._id);
  if (!mayImport) return answerAll(place, fileIds, undefined);
  const notice = new ReadingNotice(READING, (text) => tell(place, `${fileIds.join()} reading`, text));
  try {
    await answerAll(place, fileIds, notice);
  } finally {
    await notice.over();
  }
}

/** @param notice undefined for people who may not import */
async function answerAll(
  place: OfferPlace,
  fileIds: readonly string[],
  notice: ReadingNotice | undefined,
): Promise<void> {
  const costs: CostFile[] = [];
  const manifests: (SlackFile & { readonly manifest: Manifest })[] = [];
  const mayImport = notice !== undefined;
  for (const fileId of fileIds) {
    const { file, head } = await beginningOf(place, fileId);
    if (head instanceof Refusal) {
      if (mayImport) await tellProblem(place, file, head);
      continue;
    }
    const manifest = await manifestIn(place, file, head);
    if (manifest) {
      manifests.push({ ...file, manifest });
      continue;
    }
    const cost = await answerOne(place, file, { head, mayImport });
    if (cost) costs.push(cost);
  }
  const [listed] = manifests;
  const problem =
    listed &&
    problemOf(() =>
      assertComplete(
        listed.manifest,
        costs.map(({ name = '' }) => name),
      ),
    );
  if (listed && problem) await tellProblem(place, listed, problem);
  else if (costs.length > 0) await offerCosts(place, costs, { manifest: listed?.manifest, notice });
}

/** The manifest that a file is. One of an export with many columns is larger than a file's beginning. */
async function manifestIn({ client }: OfferPlace, file: SlackFile, head: Buffer): Promise<Manifest | undefined> {
  const isLonger = head.length === HEAD_BYTES && head.toString('latin1').trimStart().startsWith('{');
  return readManifest(isLonger ? await readHead(client, file, MANIFEST_BYTES) : head);
}

/** The refusal that a check ends with. */
function problemOf(check: () => void): Refusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** @returns the file if it has costs, which are offered together with those of other files */
async function answerOne(
  place: OfferPlace,
  file: SlackFile & { readonly id: string },
  { head, mayImport }: { readonly head: Buffer; readonly mayImport: boolean },
): Promise<CostFile | undefined> {
  if (looksLikeEcb(head)) {
    await assertMayImport(place.ctx, place.account._id);
    await postOffer(place, [file], { what: 'the exchange rates of ', blocksOf: ratesOffer });
    return undefined;
  }
  const mappings = await mappingsOf(place.account._id);
  const problem = whyNotFocus(head, { mappings });
  if (!problem) {
    return { ...file, isPacked: packedKindOf(head) !== undefined, isUtf16: isUtf16(head) };
  }
  const statement = statementKind(head);
  if (statement) {
    await assertMayImport(place.ctx, place.account._id);
    await postOffer(place, [file], {
      what: 'the bank statement ',
      blocksOf: statementOffer(statement, canBeMapped(head)),
    });
    return undefined;
  }
  if (mayImport || (isTable(head) && !isOrdinary(head)))
    await tellProblem(place, file, problem, mayImport && canBeMapped(head));
  return undefined;
}

async function isAllowed({ ctx, account }: OfferPlace): Promise<boolean> {
  try {
    await assertMayImport(ctx, account._id);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** A file and its beginning, or why Slack doesn't have it: the other files of its message are answered anyway. */
async function beginningOf(
  { client }: OfferPlace,
  id: string,
): Promise<{ readonly file: SlackFile & { readonly id: string }; readonly head: Buffer | Refusal }> {
  let file = { id };
  try {
    file = { ...(await fileInfo(client, id)), id };
    return { file, head: await readHead(client, file, HEAD_BYTES) };
  } catch (error) {
    if (error instanceof Refusal) return { file, head: error };
    throw error;
  }
}

/** @param isTable whether a person can say what its columns are */
async function tellProblem(place: OfferPlace, file: SlackFile, problem: Refusal, isTable = false): Promise<void> {
  const name = file.name ? escapeMrkdwn(file.name.slice(0, MAX_NAME)) : 'This file';
  const text = `${name} can’t be imported. ${escapeMrkdwn(refusalInFull(problem))}`;
  if (!isTable) return tell(place, file.id ?? name, text);
  const offered = `${text}\n*If it’s a bill*, tell me which columns hold what. I’ll show you its costs before anything is stored, and recognize such files from then on.`;
  const { account, channelId: channel } = place;
  const about = { account: account._id, channel, file: file.id ?? '', name: (file.name ?? '').slice(0, 200) };
  const buttons = actions([mappingButton(about), button('Not now', FILE_DISMISS, { value: target(about) })]);
  await tell(place, file.id ?? name, offered, [section(offered), buttons]);
}

/**
 * Reads the cost files once and shows what importing them would do, with buttons. A large file is announced first,
 * because its preview takes a while.
 */
async function offerCosts(
  place: OfferPlace,
  costs: readonly CostFile[],
  { manifest, notice }: { readonly manifest: Manifest | undefined; readonly notice: ReadingNotice | undefined },
): Promise<void> {
  const { ctx, client, account } = place;
  await assertMayImport(ctx, account._id);
  const about = costs.map(({ id }) => id).join();
  const names = costs.map(({ name = '' }) => escapeMrkdwn(name.slice(0, MAX_NAME))).join(', ');
  const bytes = sizeOfAll(costs);
  if (
    costs.some((file) => (file.size ?? 0) > (file.isPacked ? QUICK_PACKED_BYTES : QUICK_BYTES)) ||
    bytes > QUICK_BYTES
  ) {
    const text = `Reading ${names} (${size(bytes)}), which takes a moment. I’ll then show you here what an import would change. Nothing is stored until you decide.`;
    await notice?.now(text);
  }
  const parts = costs.map((file) => ({
    fileName: file.name ?? '',
    open: () => downloadSlackFile(client, file, { maxBytes: MAX_BYTES }),
  }));
  const encoding = costs.some((file) => file.isUtf16) ? ' The file is in UTF-16, which is supported.' : '';
  const found = await previewOrProblem(ctx, account._id, parts);
  const lacks = manifest && !(found instanceof Refusal) && problemOf(() => assertRows(manifest, found.read));
  const preview = lacks || found;
  await notice?.over();
  const [only, ...others] = parts;
  const single = others.length === 0 ? only : undefined;
  if (preview instanceof Refusal) {
    // what is in a compressed file is only known by now
    if (single) return tellProblem(place, costs[0] as CostFile, preview, await isUnknownTable(single, preview));
    await tell(place, about, `${names} can’t be imported. ${escapeMrkdwn(refusalInFull(preview))}`);
  } else if (hasRows(preview)) {
    const canChange = single !== undefined && (await isMapped(account._id, single));
    await postOffer(place, costs, {
      after: encoding,
      blocksOf: (text, to) => offer(text, to, previewBlocks(preview), canChange),
    });
  } else {
    const text = `There are no rows to import in ${names}.${encoding}`;
    await tell(place, about, text, [section(text), ...previewBlocks(preview)]);
  }
}

/** Whether a person can say what the columns of a file are, which can be read as such. */
async function isUnknownTable(part: ImportPart, problem: Refusal): Promise<boolean> {
  return 'missing' in problem.data && (await canFileBeMapped(part));
}

/** What an import would do, or why a file can't be imported as a whole. */
async function previewOrProblem(
  ctx: Ctx,
  accountId: string,
  parts: Parameters<typeof previewImport>[1]['parts'],
): Promise<ImportPreview | Refusal> {
  try {
    return await previewImport(ctx, { accountId, parts });
  } catch (error) {
    if (error instanceof Refusal && error.code === 'focus_file') return error;
    throw error;
  }
}

/** The message with the account's name, if one is given. */
export function named(message: Answer, accountName: string | undefined): Answer {
  return accountName === undefined ? message : nameMessage(message, accountName);
}

export interface Answer {
  readonly text: string;
  readonly blocks?: KnownBlock[];
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
  const about = { account: account._id, channel, file: files.map(({ id }) => id).join(), name: names.join('\n') };
  const text = `Import ${what}${escapeMrkdwn(names.join(', '))} (${size(sizeOfAll(files))}) into the account ${escapeMrkdwn(account.name)}?${after}`;
  // the question names the account
  await tell({ ...place, accountName: undefined }, about.file, text, blocksOf(text, about));
}

/** Posts a message about files once. */
async function tell(
  { ctx, client, key, channelId: channel, userId: user, accountName }: OfferPlace,
  about: string,
  text: string,
  blocks: KnownBlock[] = [section(text)],
): Promise<void> {
  const message = named({ text, blocks }, accountName);
  await untilDone(ctx, `${key} ${about}`, () => client.chat.postEphemeral({ channel, user, ...message }));
}

function offer(text: string, about: Partial<Target>, preview: readonly KnownBlock[], isMapped = false): KnownBlock[] {
  const value = target(about);
  return [
    section(text),
    ...preview,
    actions([
      button('Import', ADD, { value, style: 'primary' }),
      button('Replace earlier costs', REPLACE, { value }),
      ...(isMapped ? [button('Change columns', MAPPING_OPEN, { value })] : []),
      button('Not now', FILE_DISMISS, { value }),
    ]),
  ];
}

function ratesOffer(text: string, about: Partial<Target>): KnownBlock[] {
  const value = target(about);
  return [
    section(text),
    actions([button('Import rates', RATES, { value, style: 'primary' }), button('Not now', FILE_DISMISS, { value })]),
  ];
}

/** The first bytes of a file, or all of it if it has fewer. @throws {Refusal} as `downloadSlackFile` */
export async function readHead(client: WebClient, file: SlackFile, headBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await downloadSlackFile(client, file, { maxBytes: headBytes, headBytes }))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

function sizeOfAll(files: readonly SlackFile[]): number {
  return files.reduce((total, file) => total + (file.size ?? 0), 0);
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
