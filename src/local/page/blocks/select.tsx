import { useRef, useState } from 'preact/hooks';
import { isOption, optionsOf } from '../../workspace/elements.ts';
import { arrayOf, objectOf, objectsOf, textOf } from '../../workspace/json.ts';
import type { Block, Channel, Entry, Fields, Option } from '../../workspace/types.ts';
import { useDesk, usePlace } from '../desk.ts';
import type { World } from '../world.ts';
import { Combobox, type Group } from './combobox.tsx';
import type { Control } from './control.ts';

const TYPING_PAUSE_MS = 200;

/** Slack's own default. */
const MIN_QUERY = 3;

interface Props {
  block: Block;
  element: Fields;
  control: Control;
}

/** Every kind of select, single or multiple. */
export function SelectElement({ block, element, control }: Props) {
  const { world } = useDesk();
  const type = String(element.type);
  const isMany = type.startsWith('multi_');
  const source = type.replace(/^multi_/, '');
  const external = useExternal(block, element, control.actionId);
  const groups = source === 'external_select' ? external.groups : fixedGroups(world, source, element);
  const known = groups.flatMap((group) => group.options);
  const chosen = chosenOptions(element, source, control.entry, known);
  const asEntry = (option: Option): string | Option => (source === 'external_select' ? option : option.value);
  const choose = (options: Option[]) => {
    const [first] = options;
    if (isMany) control.change(options.map(asEntry));
    else control.change(first ? asEntry(first) : null);
  };
  return (
    <Combobox
      attributes={control.attributes}
      label={textOf(objectOf(element, 'placeholder'), 'text') ?? (isMany ? 'Choose some' : 'Choose one')}
      groups={groups}
      chosen={chosen}
      isMany={isMany}
      max={typeof element.max_selected_items === 'number' ? element.max_selected_items : undefined}
      onChoose={choose}
      {...(source === 'external_select' && { onType: external.ask, note: external.note })}
    />
  );
}

function fixedGroups(world: World, source: string, element: Fields): Group[] {
  if (source === 'users_select') {
    return [{ options: world.people.filter((it) => !it.is_bot).map((it) => named(it.id, it.real_name)) }];
  }
  if (source === 'channels_select' || source === 'conversations_select') {
    const channels = world.channels.filter((it) => !it.is_im && offersChannel(source, element, it));
    return [{ options: channels.map((it) => named(it.id, `${it.is_private ? '🔒 ' : '#'}${it.name}`)) }];
  }
  const groups = objectsOf(element, 'option_groups');
  if (groups.length === 0) return [{ options: optionsOf(element) }];
  return groups.map(groupOf);
}

/**
 * Whether a select offers a channel: channel selects offer public ones, conversation selects those their filter allows.
 */
function offersChannel(source: string, element: Fields, { is_private: isPrivate, is_ext_shared }: Channel): boolean {
  if (source === 'channels_select') return !isPrivate;
  const filter = objectOf(element, 'filter');
  if (filter?.exclude_external_shared_channels === true && is_ext_shared) return false;
  const include = arrayOf(filter, 'include');
  return include === undefined || include.includes(isPrivate ? 'private' : 'public');
}

/** Asks the app for options after a pause in typing. */
function useExternal(block: Block, element: Fields, actionId: string) {
  const { act } = useDesk();
  const place = usePlace();
  const [groups, setGroups] = useState<Group[]>([]);
  const [note, setNote] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const min = typeof element.min_query_length === 'number' ? element.min_query_length : MIN_QUERY;
  const ask = (text: string) => {
    clearTimeout(timer.current);
    if (text.length < min) {
      setGroups([]);
      setNote(`Type at least ${min} characters`);
      return;
    }
    setNote('Loading …');
    timer.current = setTimeout(async () => {
      const asked = { target: place.target, action_id: actionId, block_id: block.block_id, text };
      const answer = await act('suggest', asked);
      const found = objectsOf(answer, 'groups');
      setGroups(
        found.length > 0 ? found.map(groupOf) : [{ options: (arrayOf(answer, 'options') ?? []).filter(isOption) }],
      );
      setNote(undefined);
    }, TYPING_PAUSE_MS);
  };
  return { groups, note, ask };
}

function chosenOptions(element: Fields, source: string, entry: Entry | undefined, known: Option[]): Option[] {
  const initial = [element.initial_option, ...(arrayOf(element, 'initial_options') ?? [])].filter(isOption);
  if (entry === undefined && initial.length > 0) return initial;
  const values = entry === undefined ? initialIds(element, source) : Array.isArray(entry) ? entry : [entry];
  return values.flatMap((one) => {
    if (isOption(one)) return [one];
    const option = [...known, ...initial].find((it) => it.value === one);
    return option ? [option] : typeof one === 'string' && one !== '' ? [named(one, one)] : [];
  });
}

/** The IDs an app preselected in a select of people or channels. */
function initialIds(element: Fields, source: string): string[] {
  const name = source.replace('s_select', '');
  const single = textOf(element, `initial_${name}`);
  const several = (arrayOf(element, `initial_${name}s`) ?? []).filter((it) => typeof it === 'string');
  return single === undefined ? several : [single];
}

function groupOf(group: Fields): Group {
  return { label: textOf(objectOf(group, 'label'), 'text') ?? '', options: optionsOf(group) };
}

function named(value: string, text: string): Option {
  return { value, text: { type: 'plain_text', text } };
}
