import { holdsValue, placedElements } from './elements.ts';
import { refuseUnoffered } from './form.ts';
import type { Block, Entries, Entry } from './types.ts';

/**
 * Finds the fields for values by action_id, by block_id, or by "block_id/action_id".
 * @returns the entries drafted so far with these added
 * @throws Error when a name matches no field, or several, or an option isn't offered
 */
export function findEntries(blocks: readonly Block[], values: { [id: string]: Entry }, drafted: Entries): Entries {
  const fields = placedElements(blocks).filter(holdsValue);
  const entries: Entries = structuredClone(drafted);
  for (const [id, value] of Object.entries(values)) {
    const fitting = fields.filter(({ block, actionId }) =>
      [actionId, block.block_id, `${block.block_id}/${actionId}`].includes(id),
    );
    const [field] = fitting;
    if (!field || fitting.length > 1) {
      const names = fields.map(({ block, actionId }) => `${block.block_id}/${actionId}`).join(', ');
      throw new Error(`${fitting.length} fields are called ${id}; there are: ${names || 'none'}`);
    }
    refuseUnoffered(field.element, value);
    entries[field.block.block_id] = { ...entries[field.block.block_id], [field.actionId]: value };
  }
  return entries;
}
