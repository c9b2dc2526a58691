import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Option } from '../../workspace/types.ts';
import type { Control } from './control.ts';
import { withEmoji } from './emoji.ts';

export interface Group {
  label?: string;
  options: Option[];
}

interface Props {
  attributes: Control['attributes'];
  /** Shown while nothing is chosen. Names a field that has no label. */
  label: string;
  groups: Group[];
  chosen: Option[];
  isMany: boolean;
  max?: number | undefined;
  onChoose: (options: Option[]) => void;
  /** For options that are loaded while typing. They aren't filtered here. */
  onType?: (text: string) => void;
  note?: string | undefined;
}

/**
 * A field that finds options as you type: a click, an arrow, Enter or typing opens it, arrows move, Enter selects,
 * Escape closes, Backspace removes.
 */
export function Combobox(props: Props) {
  const { attributes, label, chosen, isMany, onChoose, onType, note } = props;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const root = useRef<HTMLDivElement>(null);
  const listId = useId();
  const groups = onType ? props.groups : filtered(props.groups, text);
  const options = groups.flatMap((group) => group.options);
  const current = options[Math.min(at, options.length - 1)];

  useEffect(() => {
    if (isOpen) root.current?.querySelector('.is-at')?.scrollIntoView({ block: 'nearest' });
  }, [isOpen, at]);

  const open = () => {
    if (isOpen || attributes.disabled) return;
    setOpen(true);
    setAt(0);
    onType?.('');
  };
  const close = () => {
    setOpen(false);
    setText('');
  };
  const choose = (option: Option) => {
    if (!isMany) {
      onChoose([option]);
      close();
      return;
    }
    const without = chosen.filter((it) => it.value !== option.value);
    const isNew = without.length === chosen.length;
    if (isNew && props.max !== undefined && chosen.length >= props.max) return;
    onChoose(isNew ? [...chosen, option] : without);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!isOpen) open();
      else setAt(Math.max(0, Math.min(options.length - 1, at + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!isOpen) open();
      else if (current) choose(current);
    } else if (event.key === 'Escape' && isOpen) {
      // keeps the surrounding dialog open
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Backspace' && text === '' && chosen.length > 0) onChoose(chosen.slice(0, -1));
  };
  const shown = !isOpen && !isMany ? (chosen[0] ? withEmoji(chosen[0].text.text) : '') : text;
  const optionId = (option: Option) => `${listId}-${options.indexOf(option)}`;
  return (
    <div class={`combobox${isOpen ? ' is-open' : ''}`} ref={root}>
      {isMany && chosen.map((option) => <Chip key={option.value} option={option} onRemove={() => choose(option)} />)}
      <input
        {...attributes}
        class="field"
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(isOpen && current && { 'aria-activedescendant': optionId(current) })}
        {...(attributes.id === undefined && { 'aria-label': label })}
        placeholder={chosen.length === 0 || isOpen ? label : ''}
        value={shown}
        onClick={open}
        onBlur={close}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
          open();
          onType?.(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      {isOpen && (
        // keeps the focus in the field while an option is clicked
        <div class="options" id={listId} role="listbox" tabIndex={-1} onPointerDown={(event) => event.preventDefault()}>
          {groups.map((group) => (
            <OptionGroup
              key={group.label ?? ''}
              group={group}
              current={current}
              chosen={chosen}
              idOf={optionId}
              onChoose={choose}
            />
          ))}
          {options.length === 0 && <p class="options-note">{note ?? 'Nothing found'}</p>}
        </div>
      )}
    </div>
  );
}

interface GroupProps {
  group: Group;
  current: Option | undefined;
  chosen: Option[];
  idOf: (option: Option) => string;
  onChoose: (option: Option) => void;
}

function OptionGroup({ group, current, chosen, idOf, onChoose }: GroupProps) {
  return (
    <>
      {group.label !== undefined && <p class="options-label">{group.label}</p>}
      {group.options.map((option) => (
        <div
          key={option.value}
          id={idOf(option)}
          role="option"
          tabIndex={-1}
          aria-selected={chosen.some((it) => it.value === option.value)}
          class={`option${option === current ? ' is-at' : ''}`}
          onPointerUp={() => onChoose(option)}
        >
          {withEmoji(option.text.text)}
          {option.description && <small>{withEmoji(option.description.text)}</small>}
        </div>
      ))}
    </>
  );
}

function Chip({ option, onRemove }: { option: Option; onRemove: () => void }) {
  return (
    <span class="chip">
      {withEmoji(option.text.text)}
      <button type="button" class="bare" aria-label={`Remove ${option.text.text}`} onClick={onRemove}>
        ×
      </button>
    </span>
  );
}

function filtered(groups: Group[], text: string): Group[] {
  const wanted = text.toLowerCase();
  return groups
    .map((group) => ({ ...group, options: group.options.filter((it) => it.text.text.toLowerCase().includes(wanted)) }))
    .filter((group) => group.options.length > 0);
}
