import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  key: string;
  content: ComponentChildren;
  onChoose: () => void;
}

interface Props {
  /** The button's name for screen readers. */
  label: string;
  items: MenuItem[];
  class?: string;
  disabled?: boolean;
  waiting?: boolean;
}

/** A menu behind three dots: arrows move, Escape and a click elsewhere close. */
export function Menu({ label, items, class: style = 'button is-square', disabled = false, waiting = false }: Props) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  // before the menu is seen, so that no key goes to the button
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const leave = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen) {
      // keeps the surrounding dialog open
      event.preventDefault();
      event.stopPropagation();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !isOpen) return;
    event.preventDefault();
    const choices = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const focused = document.activeElement;
    const at = focused instanceof HTMLElement ? choices.indexOf(focused) : -1;
    choices.at((at + step) % choices.length)?.focus();
  };
  return (
    <div class="menu-root" ref={root}>
      <button
        type="button"
        class={style}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        ref={opener}
        disabled={disabled}
        aria-disabled={waiting}
        onClick={() => waiting || setOpen(!isOpen)}
      >
        ⋯
      </button>
      {isOpen && (
        <div class="menu" role="menu" tabIndex={-1} onKeyDown={onKeyDown}>
          {items.map(({ key, content, onChoose }) => (
            <button
              key={key}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                onChoose();
              }}
            >
              {content}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
