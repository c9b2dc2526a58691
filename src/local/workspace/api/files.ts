import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { makeFile, typeOfName } from '../files/files.ts';
import { isProcessed } from '../files/pictures.ts';
import { objectsOf, textOf } from '../json.ts';
import { blocksOf, postAsBot, postableChannel } from '../messages.ts';
import { BOT_USER_ID } from '../state.ts';
import type { Fields, FileRecord } from '../types.ts';
import type { Methods } from './method.ts';

/** Uploads take three steps: request a URL, send the bytes there, share the file. */
export const files: Methods = {
  'files.getUploadURLExternal': (core, args) => {
    const name = textOf(args, 'filename');
    const length = Number(args.length);
    if (name === undefined) throw new SlackRefusal('invalid_arguments', ['[ERROR] missing required field: filename']);
    if (!Number.isInteger(length) || length <= 0) {
      throw new SlackRefusal('invalid_arguments', ['[ERROR] missing required field: length']);
    }
    const file = makeFile(core, { name, size: length, user: BOT_USER_ID, processed_at: Number.MAX_SAFE_INTEGER });
    return { upload_url: `${core.url}/upload/${core.state.team.id}-${file.id}`, file_id: file.id };
  },

  'files.completeUploadExternal': async (core, args) => {
    const wanted = objectsOf(args, 'files');
    if (wanted.length === 0) throw new SlackRefusal('invalid_arguments', ['[ERROR] missing required field: files']);
    const channelId = textOf(args, 'channel_id') ?? textOf(args, 'channels');
    const channel = channelId === undefined ? undefined : postableChannel(core, channelId);
    const done = await Promise.all(wanted.map((one) => uploaded(core, one)));
    const processed = Date.now() + (channel ? 0 : core.timing.processingMs);
    const shared = done.map((file) => ({ ...file, channels: channel ? [channel.id] : [], processed_at: processed }));
    for (const file of shared) core.state.files.set(file.id, file);
    if (channel) share(core, channel.id, shared, args);
    return { files: shared.map((file) => shownFile(file)) };
  },

  'files.info': (core, args) => {
    const file = core.state.files.get(textOf(args, 'file') ?? '');
    if (!file) throw new SlackRefusal('file_not_found');
    return { file: shownFile(file), comments: [], response_metadata: { next_cursor: '' } };
  },
};

/** A file as Slack's file object shows it, without its type until it is processed. */
export function shownFile(file: FileRecord): Fields {
  const { processed_at: _, shown, ...rest } = file;
  const type = isProcessed(file) ? {} : { mimetype: '', filetype: '' };
  const is_public = file.channels.length > 0;
  return { ...rest, ...type, timestamp: file.created, mode: 'hosted', is_external: false, is_public, ...shown };
}

async function uploaded(core: Core, wanted: Fields): Promise<FileRecord> {
  const file = core.state.files.get(textOf(wanted, 'id') ?? '');
  if (!file || (await core.bytes.get(file.id)) === undefined) throw new SlackRefusal('file_not_found');
  const title = textOf(wanted, 'title') ?? file.title;
  return { ...file, title, ...typeOfName(file.name) };
}

function share(core: Core, channelId: string, shared: FileRecord[], args: Fields): void {
  const thread = textOf(args, 'thread_ts');
  const blocks = blocksOf(core, args);
  const content = {
    text: textOf(args, 'initial_comment') ?? '',
    ...(blocks !== undefined && { blocks }),
    ...(thread !== undefined && { thread_ts: thread }),
  };
  postAsBot(core, channelId, content, { subtype: 'file_share', files: shared });
}
