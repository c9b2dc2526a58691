import { useId } from 'preact/hooks';
import { isOption, optionsOf } from '../../workspace/elements.ts';
import { arrayOf } from '../../workspace/json.ts';
import type { Entry, Fields } from '../../workspace/types.ts';
import type { Control } from './control.ts';
import { TextObject } from './text.tsx';

/** Radio buttons, or check boxes. */
export function Choices({ element, control }: { element: Fields; control: Control }) {
  const several = element.type === 'checkboxes';
  const chosen = chosenValues(element, control.entry);
  // the same action may appear in several messages
  const name = useId();
  const pick = (value: string, isOn: boolean) => {
    if (!several) return control.change(value);
    return control.change(isOn ? [...chosen, value] : chosen.filter((it) => it !== value));
  };
  return (
    <div
      class="choices"
      id={control.attributes.id}
      role={several ? 'group' : 'radiogroup'}
      {...(control.attributes.id === undefined && { 'aria-label': control.actionId })}
    >
      {optionsOf(element).map((option) => (
        <label key={option.value} class="choice">
          <input
            type={several ? 'checkbox' : 'radio'}
            name={name}
            checked={chosen.includes(option.value)}
            disabled={control.attributes.disabled}
            onChange={(event) => pick(option.value, event.currentTarget.checked)}
          />
          <span>
            <TextObject value={option.text} />
            {option.description && (
              <small>
                <TextObject value={option.description} />
              </small>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

function chosenValues(element: Fields, entry: Entry | undefined): string[] {
  if (entry === undefined) {
    return [element.initial_option, ...(arrayOf(element, 'initial_options') ?? [])]
      .filter(isOption)
      .map((it) => it.value);
  }
  const list = Array.isArray(entry) ? entry : [entry];
  return list.flatMap((one) => (isOption(one) ? [one.value] : one === null ? [] : [String(one)]));
}
