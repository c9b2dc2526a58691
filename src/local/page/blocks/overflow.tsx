import { optionsOf } from '../../workspace/elements.ts';
import type { Fields } from '../../workspace/types.ts';
import type { Control } from './control.ts';
import { Menu } from './menu.tsx';
import { TextObject } from './text.tsx';

/** An overflow menu. */
export function OverflowMenu({ element, control }: { element: Fields; control: Control }) {
  const items = optionsOf(element).map((option) => ({
    key: option.value,
    content: <TextObject value={option.text} />,
    onChoose: () => control.send(option.value),
  }));
  return <Menu label="More actions" items={items} disabled={control.attributes.disabled} waiting={control.waiting} />;
}
