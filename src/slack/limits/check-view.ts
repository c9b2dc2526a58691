import { checkBlock, type Surface } from './check-blocks.ts';
import { Problems } from './check-text.ts';
import { type Fields, isFields, listOf } from './json.ts';
import { LIMITS } from './limits.ts';

export type { Surface };

/**
 * Checks blocks against Slack's rules for a surface.
 * @param pointer where the blocks are in the request, for the messages
 * @returns a message for each problem, as in Slack's `response_metadata.messages`; empty if there are none
 */
export function checkBlocks(surface: Surface, blocks: unknown, pointer = '/blocks'): string[] {
  const problems = new Problems();
  if (!Array.isArray(blocks)) {
    problems.add('must provide an array', pointer);
    return problems.messages;
  }
  if (surface === 'message') problems.count(blocks, LIMITS.message.blocks, pointer);
  else problems.count(blocks, LIMITS.view.blocks, pointer, 1);
  const blockIds = new Set<string>();
  blocks.forEach((block, index) => {
    const at = `${pointer}/${index}`;
    if (!isFields(block)) {
      problems.add('must provide an object', at);
      return;
    }
    problems.length(block.block_id, LIMITS.identifier, `${at}/block_id`);
    problems.fresh('block_id', block.block_id, blockIds, at);
    checkBlock(surface, block, problems, at);
  });
  checkTables(blocks.filter(isFields), problems, pointer);
  return problems.messages;
}

/** Like checkBlocks, for a whole view as in `views.open`, `push`, `update` and `publish`. */
export function checkView(surface: 'modal' | 'home', view: Fields): string[] {
  const problems = new Problems();
  if (view.type !== surface) problems.add(`must be of type ${surface}`, '/view/type');
  if (surface === 'modal') {
    problems.plainText(view.title, LIMITS.view.title, '/view/title', true);
    problems.plainText(view.submit ?? undefined, LIMITS.view.submit, '/view/submit');
    problems.plainText(view.close ?? undefined, LIMITS.view.close, '/view/close');
    checkSubmit(view, problems);
  }
  problems.length(view.private_metadata, LIMITS.view.privateMetadata, '/view/private_metadata', 0);
  problems.length(view.callback_id, LIMITS.identifier, '/view/callback_id', 0);
  problems.length(view.external_id, LIMITS.identifier, '/view/external_id', 0);
  if (isTooLarge(view)) problems.add(`must be less than ${LIMITS.view.bytes + 1} bytes`, '/view');
  return [...problems.messages, ...checkBlocks(surface, view.blocks, '/view/blocks')];
}

/** Whether a view is larger than Slack accepts. Slack has a separate error for it: `view_too_large`. */
export function isTooLarge(view: Fields): boolean {
  return Buffer.byteLength(JSON.stringify(view)) > LIMITS.view.bytes;
}

/** A modal with input blocks needs a submit button. */
function checkSubmit(view: Fields, problems: Problems): void {
  const hasInput = listOf(view.blocks).some((block) => isFields(block) && block.type === 'input');
  if (hasInput && !view.submit) problems.add('missing required field: submit', '/view');
}

function checkTables(blocks: Fields[], problems: Problems, pointer: string): void {
  const tables = blocks.filter((block) => block.type === 'table');
  if (tables.length > LIMITS.table.perMessage) problems.add('only_one_table_allowed', pointer);
}
