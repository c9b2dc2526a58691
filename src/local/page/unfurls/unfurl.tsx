import type { Message, Unfurl } from '../../workspace/types.ts';
import { Blocks } from '../blocks/blocks.tsx';
import { Mrkdwn } from '../blocks/text.tsx';
import { PlaceContext, useDesk } from '../desk.ts';
import { useEntries } from '../entries.ts';

/** What the app shows of a link in a message. */
export function UnfurlView({ message, unfurl }: { message: Message; unfurl: Unfurl }) {
  const { world } = useDesk();
  const target = { kind: 'message', channel: message.channel, ts: message.ts } as const;
  const place = useEntries(target, `${message.ts}/${unfurl.from_url}`);
  return (
    <aside class="unfurl" aria-label={`Preview of ${unfurl.from_url}`}>
      <small>{world.bot.real_name}</small>
      {unfurl.title !== undefined && <b>{unfurl.title}</b>}
      {unfurl.text !== undefined && (
        <div class="block-text">
          <Mrkdwn text={unfurl.text} />
        </div>
      )}
      {unfurl.blocks && (
        <PlaceContext.Provider value={place}>
          <Blocks blocks={unfurl.blocks} />
        </PlaceContext.Provider>
      )}
    </aside>
  );
}
