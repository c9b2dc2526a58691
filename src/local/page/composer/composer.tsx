import { useId, useRef, useState } from 'preact/hooks';
import { useDesk } from '../desk.ts';
import { Icon } from '../icons.tsx';
import { type Completion, completionsOf, usageOf } from './completions.ts';

interface Props {
  channelId: string;
  onFiles: (files: FileList) => void;
}

/** The message field. Enter sends, Shift+Enter starts a new line, and a line that starts with / is a command. */
export function Composer({ channelId, onFiles }: Props) {
  const { world, act } = useDesk();
  const [text, setText] = useState('');
  /** The selected completion; -1 for none. */
  const [marked, setMarked] = useState<number>();
  const [isDismissed, setDismissed] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const last = useRef('');
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const { list, isTakenByEnter } = completionsOf(world, text);
  const matches = isDismissed ? [] : list;
  const at = Math.min(marked ?? (isTakenByEnter ? 0 : -1), matches.length - 1);
  const current = matches[at];
  const usage = usageOf(world, text);
  const channel = world.channels.find((it) => it.id === channelId);

  const send = async () => {
    const line = text.trim();
    if (line === '' || isBusy) return;
    type('');
    last.current = line;
    setBusy(true);
    const done = await act(line.startsWith('/') ? 'command' : 'say', { channel: channelId, text: line });
    setBusy(false);
    if (!done) type(line);
    field.current?.focus();
  };
  const type = (next: string) => {
    setText(next);
    setMarked(undefined);
    setDismissed(false);
  };
  const complete = (completion: Completion) => {
    type(completion.text);
    field.current?.focus();
    if (completion.shortcut) void act('shortcut', { callback_id: completion.shortcut.callback_id });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isExact = current?.text.trim() === text.trim();
    const chosen = current ?? (event.key === 'Tab' ? matches[0] : undefined);
    if (matches.length > 0 && step !== undefined) {
      event.preventDefault();
      setMarked(Math.max(0, Math.min(matches.length - 1, at + step)));
    } else if (chosen && !event.shiftKey && (event.key === 'Tab' || (event.key === 'Enter' && !isExact))) {
      event.preventDefault();
      complete(chosen);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'ArrowUp' && text === '' && last.current !== '') {
      event.preventDefault();
      type(last.current);
    } else if (event.key === 'Escape') setDismissed(true);
  };
  return (
    <div class="composer">
      {matches.length > 0 && (
        <div class="options" id={listId} role="listbox" tabIndex={-1} aria-label="Completions">
          {matches.map((completion, index) => (
            <div
              key={completion.key}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={completion === current}
              class={`option${completion === current ? ' is-at' : ''}`}
              onPointerDown={(event) => {
                event.preventDefault();
                complete(completion);
              }}
            >
              <b>{completion.label}</b> <span class="usage">{completion.hint}</span>
              {completion.detail !== '' && <small>{completion.detail}</small>}
            </div>
          ))}
        </div>
      )}
      {usage !== undefined && matches.length === 0 && <p class="usage composer-usage">{usage}</p>}
      <div class="composer-box">
        <textarea
          ref={field}
          rows={Math.min(8, text.split('\n').length)}
          aria-autocomplete="list"
          {...(matches.length > 0 && { 'aria-controls': listId })}
          {...(current && { 'aria-activedescendant': `${listId}-${at}` })}
          aria-label={`Message ${channel?.is_im ? world.bot.real_name : `#${channel?.name ?? ''}`}`}
          placeholder={`Message ${channel?.is_im ? world.bot.real_name : `#${channel?.name ?? ''}`}, or / for commands`}
          value={text}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <label class="button is-square attach" title="Upload a file">
          <Icon name="clip" />
          <span class="unseen">Upload a file</span>
          <input
            type="file"
            class="unseen"
            multiple
            onChange={({ currentTarget: input }) => {
              if (input.files) onFiles(input.files);
              input.value = '';
            }}
          />
        </label>
        <button
          type="button"
          class="button is-primary"
          disabled={text.trim() === '' || isBusy}
          onClick={() => void send()}
        >
          Send
        </button>
      </div>
    </div>
  );
}
