import { useState } from 'preact/hooks';
import { isFields, objectOf, textOf } from '../../workspace/json.ts';
import type { Block, Entry, Fields } from '../../workspace/types.ts';
import { useDesk, usePlace } from '../desk.ts';
import { ButtonElement } from './button.tsx';
import { Choices } from './choices.tsx';
import { Confirm } from './confirm.tsx';
import type { Control } from './control.ts';
import { FileInput } from './file-input.tsx';
import { OverflowMenu } from './overflow.tsx';
import { SelectElement } from './select.tsx';
import { TextInput } from './text-input.tsx';

export interface ElementProps {
  block: Block;
  element: Fields;
  /** In an input block: the ID that its label refers to. */
  fieldId?: string;
}

const DATE_INPUTS: { [type: string]: { input: 'date' | 'time' | 'datetime-local'; initial: string } } = {
  datepicker: { input: 'date', initial: 'initial_date' },
  timepicker: { input: 'time', initial: 'initial_time' },
  datetimepicker: { input: 'datetime-local', initial: 'initial_date_time' },
};

/** An interactive element in any place. */
export function Element({ block, element, fieldId }: ElementProps) {
  const { act } = useDesk();
  const place = usePlace();
  const [waiting, setWaiting] = useState(false);
  const [asked, setAsked] = useState<{ entry: Entry | undefined }>();
  const actionId = textOf(element, 'action_id') ?? '';
  const confirm = objectOf(element, 'confirm');
  const tells = block.type !== 'input' || block.dispatch_action === true;

  const tell = async (entry: Entry | undefined) => {
    setAsked(undefined);
    setWaiting(true);
    const value = entry === undefined ? {} : { value: entry };
    await act('click', {
      target: place.target,
      entries: place.entries,
      action_id: actionId,
      block_id: block.block_id,
      ...value,
    });
    setWaiting(false);
  };
  const send = (entry?: Entry) => (confirm ? setAsked({ entry }) : void tell(entry));
  const change = (entry: Entry) => {
    const isText = /_input$/.test(String(element.type));
    const isAsked = tells && !isText && confirm !== undefined;
    // an element with a confirmation is entered only once confirmed
    if (!isAsked) place.enter(block.block_id, actionId, entry);
    if (tells && !isText) send(entry);
  };
  const confirmed = (entry: Entry | undefined) => {
    if (entry !== undefined && element.type !== 'overflow') place.enter(block.block_id, actionId, entry);
    void tell(entry);
  };
  const control: Control = {
    actionId,
    entry: place.entries[block.block_id]?.[actionId],
    attributes: attributesOf(block, place.errors[block.block_id], place.busy, fieldId),
    change,
    send,
    waiting,
  };
  return (
    <>
      <Kind block={block} element={element} control={control} />
      {asked && confirm && (
        <Confirm confirm={confirm} onYes={() => confirmed(asked.entry)} onNo={() => setAsked(undefined)} />
      )}
    </>
  );
}

function Kind({ block, element, control }: { block: Block; element: Fields; control: Control }) {
  const type = String(element.type);
  if (type === 'button' || type === 'workflow_button') return <ButtonElement element={element} control={control} />;
  if (type === 'overflow') return <OverflowMenu element={element} control={control} />;
  if (type === 'radio_buttons' || type === 'checkboxes') return <Choices element={element} control={control} />;
  if (type.endsWith('_select')) return <SelectElement block={block} element={element} control={control} />;
  if (type in DATE_INPUTS) return <DateInput element={element} control={control} />;
  if (type === 'file_input') return <FileInput element={element} control={control} />;
  if (type.endsWith('_input')) return <TextInput block={block} element={element} control={control} />;
  return <span class="block-unknown">{type}</span>;
}

function DateInput({ element, control }: { element: Fields; control: Control }) {
  const { input = 'date', initial = '' } = DATE_INPUTS[String(element.type)] ?? {};
  const isInstant = element.type === 'datetimepicker';
  const given = control.entry ?? element[initial] ?? '';
  const shown = isInstant && given !== '' ? localMinute(Number(given)) : String(given);
  const read = (value: string): Entry => {
    if (value === '') return null;
    return isInstant ? Math.floor(new Date(value).getTime() / 1000) : value;
  };
  const label = isFields(element.placeholder)
    ? (textOf(element.placeholder, 'text') ?? control.actionId)
    : control.actionId;
  return (
    <input
      type={input}
      class="field"
      {...control.attributes}
      {...(control.attributes.id === undefined && { 'aria-label': label })}
      value={shown}
      onChange={(event) => control.change(read(event.currentTarget.value))}
    />
  );
}

function localMinute(seconds: number): string {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function attributesOf(block: Block, error: string | undefined, disabled: boolean, id?: string): Control['attributes'] {
  if (id === undefined) return { disabled };
  const notes = [isFields(block.hint) && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(' ');
  return {
    id,
    disabled,
    ...(notes !== '' && { 'aria-describedby': notes }),
    ...(error !== undefined && { 'aria-invalid': 'true' as const }),
  };
}
