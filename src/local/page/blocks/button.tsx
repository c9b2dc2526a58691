import { textOf } from '../../workspace/json.ts';
import type { Fields } from '../../workspace/types.ts';
import type { Control } from './control.ts';
import { TextObject } from './text.tsx';

export function ButtonElement({ element, control }: { element: Fields; control: Control }) {
  const style = element.style === 'primary' || element.style === 'danger' ? ` is-${element.style}` : '';
  const label = textOf(element, 'accessibility_label');
  const url = textOf(element, 'url');
  const attributes = {
    class: `button${style}${control.waiting ? ' is-waiting' : ''}`,
    ...(label !== undefined && { 'aria-label': label }),
    'data-action': control.actionId,
  };
  if (url !== undefined && /^https?:/i.test(url)) {
    return (
      <a {...attributes} href={url} target="_blank" rel="noreferrer noopener" onClick={() => control.send()}>
        <TextObject value={element.text} />
      </a>
    );
  }
  return (
    <button
      type="button"
      {...attributes}
      disabled={control.attributes.disabled}
      // a button disabled while waiting would lose the focus
      aria-disabled={control.waiting}
      onClick={() => control.waiting || control.send()}
    >
      <TextObject value={element.text} />
    </button>
  );
}
