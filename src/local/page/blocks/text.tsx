import { Fragment } from 'preact';
import { isFields, textOf } from '../../workspace/json.ts';
import { useDesk } from '../desk.ts';
import { nowIn, personOf } from '../world.ts';
import { formatDate } from './dates.ts';
import { withEmoji } from './emoji.ts';
import { type Piece, parseMrkdwn } from './mrkdwn.ts';

/** A text object of Block Kit: mrkdwn, or plain text with emoji. */
export function TextObject({ value }: { value: unknown }) {
  if (!isFields(value)) return null;
  const text = textOf(value, 'text') ?? '';
  return value.type === 'mrkdwn' ? <Mrkdwn text={text} /> : <PlainLines text={withEmoji(text)} />;
}

export function Mrkdwn({ text }: { text: string }) {
  return <Pieces pieces={parseMrkdwn(text)} />;
}

/** A link that opens in a new tab, if its address is safe to open from a chat. */
export function SafeLink({ url, children }: { url: string; children: preact.ComponentChildren }) {
  const { world } = useDesk();
  const isSafe = /^(https?:|mailto:)/i.test(url);
  if (!isSafe) return <>{children}</>;
  // an app's link leads back here, where the same person should be
  const href = url.startsWith(`${location.origin}/links/`) ? `${url}?as=${world.me.id}` : url;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

export function PersonMention({ id, label }: { id: string; label?: string | undefined }) {
  const { world } = useDesk();
  const name = world.people.some((person) => person.id === id) ? personOf(world, id).real_name : (label ?? id);
  return <span class={`mention${id === world.me.id ? ' is-me' : ''}`}>@{name}</span>;
}

export function UserGroupMention({ id, label }: { id: string; label?: string | undefined }) {
  const { world } = useDesk();
  const group = world.user_groups.find((it) => it.id === id);
  const isMine = group?.users.includes(world.me.id) ?? false;
  return (
    <span class={`mention${isMine ? ' is-me' : ''}`} title={group?.name}>
      {group ? `@${group.handle}` : (label ?? '@group')}
    </span>
  );
}

export function ChannelMention({ id, label }: { id: string; label?: string | undefined }) {
  const { world, openChannel } = useDesk();
  const channel = world.channels.find((it) => it.id === id);
  if (!channel) return <span class="mention">#{label ?? id}</span>;
  return (
    <button type="button" class="mention" onClick={() => openChannel(id)}>
      #{channel.name}
    </button>
  );
}

export function DateText({ seconds, format }: { seconds: number; format: string }) {
  const { world } = useDesk();
  const clock = { zone: world.me.tz ?? 'Etc/UTC', now: nowIn(world) };
  return <time dateTime={new Date(seconds * 1000).toISOString()}>{formatDate(seconds, format, clock)}</time>;
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  return (
    <>
      {pieces.map((piece, index) => (
        <Fragment key={index}>
          <PieceView piece={piece} />
        </Fragment>
      ))}
    </>
  );
}

function PieceView({ piece }: { piece: Piece }) {
  switch (piece.kind) {
    case 'text':
      return <>{withEmoji(piece.text)}</>;
    case 'break':
      return <br />;
    case 'bold':
      return (
        <b>
          <Pieces pieces={piece.pieces} />
        </b>
      );
    case 'italic':
      return (
        <i>
          <Pieces pieces={piece.pieces} />
        </i>
      );
    case 'strike':
      return (
        <s>
          <Pieces pieces={piece.pieces} />
        </s>
      );
    case 'quote':
      return (
        <blockquote>
          <Pieces pieces={piece.pieces} />
        </blockquote>
      );
    case 'code':
      return <code>{piece.text}</code>;
    case 'pre':
      return <pre>{piece.text}</pre>;
    case 'link':
      return (
        <SafeLink url={piece.url}>
          <Pieces pieces={piece.pieces} />
        </SafeLink>
      );
    case 'person':
      return <PersonMention id={piece.id} label={piece.label} />;
    case 'channel':
      return <ChannelMention id={piece.id} label={piece.label} />;
    case 'group':
      return <span class="mention">{piece.text}</span>;
    case 'user_group':
      return <UserGroupMention id={piece.id} label={piece.label} />;
    case 'date':
      return <DatePiece {...piece} />;
  }
}

function DatePiece({ seconds, format, url, fallback }: Extract<Piece, { kind: 'date' }>) {
  const shown = Number.isFinite(seconds) ? <DateText seconds={seconds} format={format} /> : <span>{fallback}</span>;
  return url === undefined ? shown : <SafeLink url={url}>{shown}</SafeLink>;
}

function PlainLines({ text }: { text: string }) {
  return (
    <>
      {text.split('\n').map((line, index) => (
        <Fragment key={index}>
          {index > 0 && <br />}
          {line}
        </Fragment>
      ))}
    </>
  );
}
