import { arrayOf, isFields, objectOf, objectsOf, textOf } from './json.ts';
import type { Block, Fields, Option } from './types.ts';

/** An element a person can act on, with the block it stands in. */
export interface Placed {
  block: Block;
  element: Fields;
  actionId: string;
}

/** Elements without a value, which don't appear in `state.values`. */
const STATELESS = new Set(['button', 'overflow', 'workflow_button', 'image']);

/** Every element of these blocks that a person can act on. */
export function placedElements(blocks: readonly Block[]): Placed[] {
  return blocks.flatMap((block) => {
    const single = [objectOf(block, 'element'), objectOf(block, 'accessory')].filter(isFields);
    const several = block.type === 'actions' ? objectsOf(block, 'elements') : [];
    return [...single, ...several].flatMap((element) => {
      const actionId = textOf(element, 'action_id');
      return actionId === undefined || element.type === 'image' ? [] : [{ block, element, actionId }];
    });
  });
}

export function holdsValue(placed: Placed): boolean {
  return !STATELESS.has(String(placed.element.type));
}

/**
 * The one element with this action_id.
 * @param value distinguishes buttons with the same action_id
 * @throws Error that lists what is there instead
 */
export function findElement(blocks: readonly Block[], actionId: string, blockId?: string, value?: unknown): Placed {
  const all = placedElements(blocks);
  const named = all.filter(
    (it) => it.actionId === actionId && (blockId === undefined || it.block.block_id === blockId),
  );
  const found = named.length > 1 ? named.find((it) => it.element.value === value) : named[0];
  if (found) return found;
  const there = all.map((it) => `${it.block.block_id}/${it.actionId}`).join(', ');
  throw new Error(`No single element with action_id ${actionId} here; there are: ${there || 'none'}`);
}

/** All options of a select, radio group, check boxes or overflow menu, with those of its groups. */
export function optionsOf(element: Fields): Option[] {
  const groups = objectsOf(element, 'option_groups').flatMap((group) => arrayOf(group, 'options') ?? []);
  return [...(arrayOf(element, 'options') ?? []), ...groups].filter(isOption);
}

export function isOption(value: unknown): value is Option {
  return isFields(value) && typeof value.value === 'string' && isFields(value.text);
}
