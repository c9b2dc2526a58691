import { useEffect, useRef, useState } from 'preact/hooks';
import { optionsOf } from '../workspace/elements.ts';
import type { Fields } from '../workspace/types.ts';
import type { Control } from './elements.tsx';
import { TextObject } from './text.tsx';

/** A menu behind three dots. */
export function OverflowMenu({ element, control }: { element: Fields; control: Control }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  useEffect(() => {
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
      // the dialog around it stays
      event.preventDefault();
      event.stopPropagation();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !isOpen) return;
    event.preventDefault();
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const focused = document.activeElement;
    const at = focused instanceof HTMLElement ? items.indexOf(focused) : -1;
    items.at((at + step) % items.length)?.focus();
  };
  return (
    <div class="menu-root" ref={root}>
      <button
        type="button"
        class="button is-square"
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        ref={opener}
        disabled={control.attributes.disabled}
        aria-disabled={control.waiting}
        onClick={() => control.waiting || setOpen(!isOpen)}
      >
        ⋯
      </button>
      {isOpen && (
        <div class="menu" role="menu" tabIndex={-1} onKeyDown={onKeyDown}>
          {optionsOf(element).map((option) => (
            <button
              key={option.value}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                control.send(option.value);
              }}
            >
              <TextObject value={option.text} />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
