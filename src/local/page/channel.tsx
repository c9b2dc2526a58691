import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { dayOf } from './blocks/dates.ts';
import { Composer } from './composer/composer.tsx';
import { useDesk } from './desk.ts';
import { MessageView } from './message.tsx';
import { seenBy } from './seen.ts';
import { uploadFile } from './server.ts';
import { messagesOf, nowIn, personOf, repliesTo, whoIn } from './world.ts';

/** Messages from the same sender within this many seconds are grouped under one name. */
const TOGETHER_S = 300;

/** Center: the channel's messages and the composer. */
export function ChannelPane({ channelId }: { channelId: string }) {
  const { world, act, notice } = useDesk();
  const [isOver, setOver] = useState(false);
  const channel = world.channels.find((it) => it.id === channelId);
  const upload = async (files: FileList | File[]) => {
    for (const file of files) {
      await uploadFile(whoIn(world), channelId, file).catch((error: Error) => notice(error.message));
    }
  };
  if (!channel) return <main class="pane" />;
  const hasBot = channel.members.includes(world.bot.id);
  return (
    <main
      class={`pane${isOver ? ' is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) void upload(event.dataTransfer.files);
      }}
    >
      <header class="pane-head">
        <h2>{channel.is_im ? world.bot.real_name : `${channel.is_private ? '🔒 ' : '# '}${channel.name}`}</h2>
        {channel.is_im ? (
          <span class="tag">App</span>
        ) : (
          <span class="pane-members">{channel.members.map((id) => personOf(world, id).real_name).join(', ')}</span>
        )}
        {!hasBot && !channel.is_archived && (
          <button type="button" class="button" onClick={() => void act('invite', { channel: channelId })}>
            Add {world.bot.real_name}
          </button>
        )}
      </header>
      <MessageList channelId={channelId} />
      {channel.is_archived ? (
        <p class="archived">This channel is archived, so no one can post here.</p>
      ) : (
        <Composer channelId={channelId} onFiles={(files) => void upload(files)} />
      )}
    </main>
  );
}

function MessageList({ channelId }: { channelId: string }) {
  const { world } = useDesk();
  const end = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const messages = messagesOf(world, channelId);
  // the last message the person had read when they opened the channel
  const [readTo] = useState(() => seenBy(whoIn(world))[channelId]);
  const firstNew = readTo === undefined ? undefined : messages.find((it) => it.ts > readTo && it.user !== world.me.id);
  const clock = { zone: world.me.tz ?? 'Etc/UTC', now: nowIn(world) };
  const last = messages.at(-1);
  useLayoutEffect(() => {
    // the person's own messages and their answers are shown wherever they had scrolled to
    if (last?.user === world.me.id || last?.ephemeral_to !== undefined) atEnd.current = true;
  }, [last?.ts]);
  useLayoutEffect(() => {
    if (atEnd.current) end.current?.scrollIntoView({ block: 'end' });
  }, [world.messages]);
  // images and previews make the list longer after it is rendered
  useEffect(() => {
    if (!list.current) return undefined;
    const follow = new ResizeObserver(() => {
      if (atEnd.current) end.current?.scrollIntoView({ block: 'end' });
    });
    follow.observe(list.current);
    return () => follow.disconnect();
  }, []);
  return (
    <div
      class="pane-body messages"
      onScroll={({ currentTarget: it }) => {
        atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
      }}
    >
      <div ref={list} role="log" aria-label="Messages">
        {messages.length === 0 && <p class="empty">Nothing here yet. Type / to see the commands.</p>}
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const day = dayOf(message.ts, clock);
          const isNewDay = !before || dayOf(before.ts, clock) !== day;
          const follows =
            !isNewDay &&
            before?.user === message.user &&
            before.ephemeral_to === message.ephemeral_to &&
            Number(message.ts) - Number(before.ts) < TOGETHER_S &&
            repliesTo(world, before).length === 0;
          return (
            <div key={message.ts}>
              {isNewDay && (
                <p class="day">
                  <span>{day}</span>
                </p>
              )}
              {message === firstNew && before && (
                <p class="day is-new">
                  <span>New</span>
                </p>
              )}
              <MessageView message={message} follows={follows && message !== firstNew} />
            </div>
          );
        })}
      </div>
      <div ref={end} />
    </div>
  );
}
