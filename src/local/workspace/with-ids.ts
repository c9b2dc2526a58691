import { makeId } from './ids.ts';
import { isFields, objectsOf, textOf } from './json.ts';
import type { Block, Fields } from './types.ts';

/**
 * Blocks as the workspace stores them: every block with a block_id and every element with an action_id,
 * generated if the app gave none, as Slack does.
 */
export function withIds(blocks: readonly unknown[]): Block[] {
  return blocks.filter(isFields).map((block) => {
    const kept: Block = {
      ...block,
      type: textOf(block, 'type') ?? '',
      block_id: textOf(block, 'block_id') ?? blockId(),
    };
    if (isFields(kept.element)) kept.element = withActionId(kept.element);
    if (isFields(kept.accessory)) kept.accessory = withActionId(kept.accessory);
    if (kept.type === 'actions') kept.elements = objectsOf(kept, 'elements').map(withActionId);
    return kept;
  });
}

function withActionId(element: Fields): Fields {
  return textOf(element, 'action_id') === undefined && element.type !== 'image'
    ? { ...element, action_id: makeId('', 5) }
    : element;
}

function blockId(): string {
  return makeId('', 5);
}
