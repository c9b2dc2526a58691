import { useId, useRef, useState } from 'preact/hooks';
import type { SlashCommand } from '../workspace/types.ts';
import { useDesk } from './desk.ts';

interface Props {
  channelId: string;
  onFiles: (files: FileList) => void;
}

/** Where one writes. Enter sends, Shift+Enter begins a new line; a line that begins with / is a command. */
export function Composer({ channelId, onFiles }: Props) {
  const { world, act } = useDesk();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const last = useRef('');
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const matches = matching(world.commands, text);
  const current = matches[Math.min(at, matches.length - 1)];
  const channel = world.channels.find((it) => it.id === channelId);

  const send = async () => {
    const line = text.trim();
    if (line === '' || isBusy) return;
    setText('');
    last.current = line;
    setBusy(true);
    const done = await act(line.startsWith('/') ? 'command' : 'say', { channel: channelId, text: line });
    setBusy(false);
    if (!done) setText(line);
    field.current?.focus();
  };
  const complete = (command: SlashCommand) => {
    setText(`${command.command} `);
    setAt(0);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isExact = current?.command === text.trim();
    if (current && step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(matches.length - 1, at + step)));
    } else if (current && (event.key === 'Tab' || (event.key === 'Enter' && !isExact))) {
      event.preventDefault();
      complete(current);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'ArrowUp' && text === '' && last.current !== '') {
      event.preventDefault();
      setText(last.current);
    } else if (event.key === 'Escape') setText('');
  };
  return (
    <div class="composer">
      {matches.length > 0 && (
        <div class="options" id={listId} role="listbox" tabIndex={-1} aria-label="Commands">
          {matches.map((command) => (
            <div
              key={command.command}
              id={`${listId}-${command.command}`}
              role="option"
              tabIndex={-1}
              aria-selected={command === current}
              class={`option${command === current ? ' is-at' : ''}`}
              onPointerDown={(event) => {
                event.preventDefault();
                complete(command);
              }}
            >
              <b>{command.command}</b> <span class="usage">{command.usage_hint}</span>
              <small>{command.description}</small>
            </div>
          ))}
        </div>
      )}
      <div class="composer-box">
        <textarea
          ref={field}
          rows={Math.min(8, text.split('\n').length)}
          aria-autocomplete="list"
          {...(matches.length > 0 && { 'aria-controls': listId })}
          {...(current && { 'aria-activedescendant': `${listId}-${current.command}` })}
          aria-label={`Message ${channel?.is_im ? world.bot.real_name : `#${channel?.name ?? ''}`}`}
          placeholder={`Message ${channel?.is_im ? world.bot.real_name : `#${channel?.name ?? ''}`}, or / for commands`}
          value={text}
          disabled={channel?.is_archived === true}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <label class="button is-square attach" title="Upload a file">
          <span aria-hidden="true">📎</span>
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

/** The commands that a line begun with / could become; once it has arguments, the one that it is. */
function matching(commands: SlashCommand[], text: string): SlashCommand[] {
  if (!text.startsWith('/')) return [];
  const [name = '', ...rest] = text.split(' ');
  if (rest.length === 0) return commands.filter((it) => it.command.startsWith(name));
  return [];
}
