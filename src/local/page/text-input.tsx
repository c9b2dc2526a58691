import { objectOf, textOf } from '../workspace/json.ts';
import type { Block, Fields } from '../workspace/types.ts';
import type { Control } from './elements.tsx';

/** Which keyboard a touch screen offers; the workspace itself checks what was entered. */
const KEYBOARDS: { [type: string]: 'email' | 'url' | 'decimal' } = {
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'decimal',
};

interface Props {
  block: Block;
  element: Fields;
  control: Control;
}

/** Text, number, e-mail and address inputs. */
export function TextInput({ block, element, control }: Props) {
  const value = control.entry === undefined ? (textOf(element, 'initial_value') ?? '') : String(control.entry ?? '');
  const triggers = objectOf(element, 'dispatch_action_config')?.trigger_actions_on;
  const onEnter = block.dispatch_action === true && (!Array.isArray(triggers) || triggers.includes('on_enter_pressed'));
  const common = {
    ...control.attributes,
    class: 'field',
    value,
    placeholder: textOf(objectOf(element, 'placeholder'), 'text') ?? '',
    ...(typeof element.max_length === 'number' && { maxLength: element.max_length }),
  };
  const enter = (text: string) => control.change(text);
  if (element.multiline === true) {
    return <textarea {...common} rows={4} onInput={(event) => enter(event.currentTarget.value)} />;
  }
  return (
    <input
      {...common}
      type="text"
      inputMode={KEYBOARDS[String(element.type)] ?? 'text'}
      autocomplete="off"
      onInput={(event) => enter(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !onEnter) return;
        event.preventDefault();
        control.send(event.currentTarget.value);
      }}
    />
  );
}
