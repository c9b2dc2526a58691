import { useRef } from 'preact/hooks';
import { objectOf, textOf } from '../../workspace/json.ts';
import type { Block, Fields } from '../../workspace/types.ts';
import type { Control } from './control.ts';

/** The keyboard a touch screen offers. The workspace itself validates the input. */
const KEYBOARDS: { [type: string]: 'email' | 'url' | 'decimal' } = {
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'decimal',
};

/** How long typing must pause before the app is notified, where it wants every character. */
const TYPING_PAUSE_MS = 400;

interface Props {
  block: Block;
  element: Fields;
  control: Control;
}

/** Text, number, email and URL inputs. */
export function TextInput({ block, element, control }: Props) {
  const value = control.entry === undefined ? (textOf(element, 'initial_value') ?? '') : String(control.entry ?? '');
  const triggers = objectOf(element, 'dispatch_action_config')?.trigger_actions_on;
  const tells = block.dispatch_action === true;
  const onEnter = tells && (!Array.isArray(triggers) || triggers.includes('on_enter_pressed'));
  const onCharacter = tells && Array.isArray(triggers) && triggers.includes('on_character_entered');
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const common = {
    ...control.attributes,
    class: 'field',
    value,
    placeholder: textOf(objectOf(element, 'placeholder'), 'text') ?? '',
    ...(typeof element.max_length === 'number' && { maxLength: element.max_length }),
  };
  const enter = (text: string) => {
    control.change(text);
    clearTimeout(pause.current);
    if (onCharacter) pause.current = setTimeout(() => control.send(text), TYPING_PAUSE_MS);
  };
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
        clearTimeout(pause.current);
        control.send(event.currentTarget.value);
      }}
    />
  );
}
