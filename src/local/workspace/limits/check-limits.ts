import { arrayOf, isFields, textOf } from '../json.ts';
import type { Fields } from '../types.ts';
import { checkBlock, type Surface } from './check-blocks.ts';
import { Problems } from './check-text.ts';
import { LIMITS } from './limit-numbers.ts';

export { LIMITS } from './limit-numbers.ts';
export type { Surface };

/**
 * Holds blocks against Slack's rules for a surface.
 * @param pointer where the blocks stand in what was sent, for the messages.
 * @returns one message for each fault, in the words Slack's `response_metadata.messages` uses; empty when all is well.
 */
export function checkBlocks(surface: Surface, blocks: unknown, pointer = '/blocks'): string[] {
  const problems = new Problems();
  if (!Array.isArray(blocks)) {
    problems.add('must provide an array', pointer);
    return problems.messages;
  }
  problems.count(blocks, LIMITS.blocks[surface], pointer);
  const blockIds = new Set<string>();
  blocks.forEach((block, index) => {
    const at = `${pointer}/${index}`;
    if (!isFields(block)) {
      problems.add('must provide an object', at);
      return;
    }
    problems.fresh('block_id', block.block_id, blockIds, at);
    checkBlock(surface, block, problems, at);
  });
  checkTables(blocks.filter(isFields), problems, pointer);
  return problems.messages;
}

/** As checkBlocks, for a whole view as `views.open`, `push`, `update` and `publish` take it. */
export function checkView(surface: 'modal' | 'home', view: Fields): string[] {
  const problems = new Problems();
  if (view.type !== surface) problems.add(`must be of type ${surface}`, '/view/type');
  if (surface === 'modal') {
    problems.plainText(view.title, LIMITS.modalTitle, '/view/title', true);
    problems.plainText(view.submit ?? undefined, LIMITS.modalButton, '/view/submit');
    problems.plainText(view.close ?? undefined, LIMITS.modalButton, '/view/close');
    checkSubmit(view, problems);
  }
  problems.length(view.private_metadata, LIMITS.privateMetadata, '/view/private_metadata');
  problems.length(view.callback_id, LIMITS.id, '/view/callback_id');
  problems.length(view.external_id, LIMITS.id, '/view/external_id');
  return [...problems.messages, ...checkBlocks(surface, view.blocks, '/view/blocks')];
}

/** A modal with input blocks needs a submit button. */
function checkSubmit(view: Fields, problems: Problems): void {
  const hasInput = (arrayOf(view, 'blocks') ?? []).some((block) => isFields(block) && block.type === 'input');
  if (hasInput && !view.submit) problems.add('missing required field: submit', '/view');
}

function checkTables(blocks: Fields[], problems: Problems, pointer: string): void {
  const tables = blocks.filter((block) => textOf(block, 'type') === 'table');
  if (tables.length > LIMITS.tables) problems.add('only_one_table_allowed', pointer);
}
