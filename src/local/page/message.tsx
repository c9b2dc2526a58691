import { useState } from 'preact/hooks';
import type { Message } from '../workspace/types.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks/blocks.tsx';
import { timeOf } from './blocks/dates.ts';
import { Menu } from './blocks/menu.tsx';
import { Mrkdwn } from './blocks/text.tsx';
import { PlaceContext, useDesk } from './desk.ts';
import { useEntries } from './entries.ts';
import { FileCard } from './files.tsx';
import { Icon } from './icons.tsx';
import { UnfurlView } from './unfurls/unfurl.tsx';
import { personOf, repliesTo } from './world.ts';

/** How many of a longer thread's last replies are shown at first. */
const SHOWN_REPLIES = 3;

/** A message with its thread. `follows`: it is grouped under the previous message's sender. */
export function MessageView({
  message,
  follows,
  isReply = false,
}: {
  message: Message;
  follows: boolean;
  isReply?: boolean;
}) {
  const { world } = useDesk();
  const [isReplying, setReplying] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const person = personOf(world, message.user);
  const time = timeOf(message.ts, world.me.tz ?? 'Etc/UTC');
  const replies = isReply ? [] : repliesTo(world, message);
  const earlier = isWhole || replies.length <= SHOWN_REPLIES + 1 ? 0 : replies.length - SHOWN_REPLIES;
  const canReply = !isReply && message.ephemeral_to === undefined;
  return (
    <article
      class={`message${follows ? ' follows' : ''}${message.ephemeral_to === undefined ? '' : ' is-ephemeral'}`}
      aria-label={`${person.real_name}, ${time}`}
      data-ts={message.ts}
    >
      <div class="message-side">{follows ? <time class="message-time">{time}</time> : <Avatar person={person} />}</div>
      <div class="message-main">
        {!follows && (
          <header>
            <b>{person.real_name}</b>
            {person.is_bot && <span class="tag">App</span>}
            <time class="message-time">{time}</time>
          </header>
        )}
        {message.ephemeral_to !== undefined && (
          <p class="only-you">
            <Icon name="eye" /> Only visible to you
          </p>
        )}
        <MessageContent message={message} />
        {message.attachments?.map((unfurl) => (
          <UnfurlView key={unfurl.from_url} message={message} unfurl={unfurl} />
        ))}
        {message.files?.map((file) => (
          <FileCard key={file.id} file={file} />
        ))}
        {(replies.length > 0 || isReplying) && (
          <section class="thread" aria-label="Thread">
            {earlier > 0 && (
              <button type="button" class="bare thread-more" onClick={() => setWhole(true)}>
                Show {earlier} earlier {earlier === 1 ? 'reply' : 'replies'}
              </button>
            )}
            {replies.slice(earlier).map((reply) => (
              <MessageView key={reply.ts} message={reply} follows={false} isReply={true} />
            ))}
            {isReplying && <ReplyBox message={message} onDone={() => setReplying(false)} />}
          </section>
        )}
      </div>
      {message.ephemeral_to === undefined && (
        <MessageTools message={message} {...(canReply && !isReplying && { onReply: () => setReplying(true) })} />
      )}
    </article>
  );
}

/** A message's actions: reply, the app's shortcuts, its link. */
function MessageTools({ message, onReply }: { message: Message; onReply?: () => void }) {
  const { world, act, notice } = useDesk();
  const { channel, ts } = message;
  const shortcuts = world.shortcuts.filter((it) => it.type === 'message');
  const link = `${location.origin}/archives/${channel}/p${ts.replace('.', '')}`;
  const items = [
    ...shortcuts.map((shortcut) => ({
      key: shortcut.callback_id,
      content: (
        <>
          {shortcut.name} <small>{world.bot.real_name}</small>
        </>
      ),
      onChoose: () => void act('shortcut', { callback_id: shortcut.callback_id, channel, ts }),
    })),
    {
      key: 'link',
      content: 'Copy link',
      onChoose: () => void navigator.clipboard?.writeText(link).then(() => notice('Link copied.')),
    },
  ];
  return (
    <div class="message-tools">
      {onReply && (
        <button type="button" class="tool" onClick={onReply}>
          Reply
        </button>
      )}
      <Menu label="More actions" items={items} class="tool" />
    </div>
  );
}

function MessageContent({ message }: { message: Message }) {
  const place = useEntries({ kind: 'message', channel: message.channel, ts: message.ts }, message.ts);
  const edited = message.edited && !message.blocks && <span class="edited"> (edited)</span>;
  if (message.blocks && message.blocks.length > 0) {
    return (
      <PlaceContext.Provider value={place}>
        <Blocks blocks={message.blocks} />
      </PlaceContext.Provider>
    );
  }
  if (message.text === '') return null;
  return (
    <div class="block-text">
      <Mrkdwn text={message.text} />
      {edited}
    </div>
  );
}

/** For a field that appears on request. */
function focusFirst(field: HTMLInputElement | null): void {
  field?.focus();
}

function ReplyBox({ message, onDone }: { message: Message; onDone: () => void }) {
  const { act } = useDesk();
  const [text, setText] = useState('');
  const send = async () => {
    if (text.trim() === '') return;
    const said = await act('say', { channel: message.channel, thread_ts: message.ts, text: text.trim() });
    if (said) onDone();
  };
  return (
    <form
      class="reply-box"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <input
        class="field"
        type="text"
        aria-label="Reply"
        placeholder="Reply …"
        ref={focusFirst}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
      <button type="submit" class="button">
        Send
      </button>
    </form>
  );
}
