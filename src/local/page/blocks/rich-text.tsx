import type { ComponentChildren } from 'preact';
import { objectOf, objectsOf, textOf } from '../../workspace/json.ts';
import type { Fields } from '../../workspace/types.ts';
import { withEmoji } from './emoji.ts';
import { ChannelMention, DateText, PersonMention, SafeLink, UserGroupMention } from './text.tsx';

/** A rich_text block. */
export function RichText({ block }: { block: Fields }) {
  return (
    <div class="block-text rich-text">
      {objectsOf(block, 'elements').map((element, index) => (
        <Part key={index} element={element} />
      ))}
    </div>
  );
}

function Part({ element }: { element: Fields }) {
  if (element.type === 'rich_text_list') return <List element={element} />;
  const content = <Inline elements={objectsOf(element, 'elements')} />;
  if (element.type === 'rich_text_quote') return <blockquote>{content}</blockquote>;
  if (element.type === 'rich_text_preformatted') return <pre>{content}</pre>;
  return <p>{content}</p>;
}

function List({ element }: { element: Fields }) {
  const items = objectsOf(element, 'elements').map((item, index) => (
    <li key={index}>
      <Inline elements={objectsOf(item, 'elements')} />
    </li>
  ));
  const indent = { marginInlineStart: `${Number(element.indent ?? 0) * 1.5}em` };
  return element.style === 'ordered' ? <ol style={indent}>{items}</ol> : <ul style={indent}>{items}</ul>;
}

function Inline({ elements }: { elements: Fields[] }) {
  return (
    <>
      {elements.map((element, index) => (
        <Styled key={index} style={objectOf(element, 'style')}>
          <Leaf element={element} />
        </Styled>
      ))}
    </>
  );
}

function Leaf({ element }: { element: Fields }) {
  const text = textOf(element, 'text') ?? '';
  switch (element.type) {
    case 'text':
      return <span class="as-typed">{text}</span>;
    case 'link':
      return <SafeLink url={textOf(element, 'url') ?? ''}>{text || textOf(element, 'url')}</SafeLink>;
    case 'emoji':
      return <>{withEmoji(`:${textOf(element, 'name') ?? ''}:`)}</>;
    case 'user':
      return <PersonMention id={textOf(element, 'user_id') ?? ''} />;
    case 'usergroup':
      return <UserGroupMention id={textOf(element, 'usergroup_id') ?? ''} />;
    case 'channel':
      return <ChannelMention id={textOf(element, 'channel_id') ?? ''} />;
    case 'broadcast':
      return <span class="mention">@{textOf(element, 'range')}</span>;
    case 'date':
      return <DateText seconds={Number(element.timestamp)} format={textOf(element, 'format') ?? '{date_short}'} />;
    default:
      return <>{text}</>;
  }
}

function Styled({ style, children }: { style: Fields | undefined; children: ComponentChildren }) {
  let shown = <>{children}</>;
  if (style?.code === true) shown = <code>{shown}</code>;
  if (style?.bold === true) shown = <b>{shown}</b>;
  if (style?.italic === true) shown = <i>{shown}</i>;
  if (style?.strike === true) shown = <s>{shown}</s>;
  return shown;
}
