import type { types, ViewOutput } from '@slack/bolt';
import type { ZodError } from 'zod';
import { truncate } from '../blocks/mrkdwn.ts';
import { LIMITS } from '../limits/limits.ts';

type StateValue = ViewOutput['state']['values'][string][string];
type State = ViewOutput['state']['values'];

/** A form's values by its inputs' block IDs: a text, several texts, or null for an empty field. */
export type FormValues = Readonly<Record<string, string | readonly string[] | null>>;

/** Reads a view's inputs. Each input block has one element, so action IDs don't matter. */
export function readForm(state: State | undefined): FormValues {
  const values: Record<string, string | readonly string[] | null> = {};
  for (const [blockId, elements] of Object.entries(state ?? {})) {
    const [element] = Object.values(elements);
    if (element) values[blockId] = readElement(element);
  }
  return values;
}

/**
 * The first problem that a schema found in each field, by block ID, for `parse` to return. A problem without a field
 * goes to `fallback`.
 */
export function fieldErrors(error: ZodError, fallback: string): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const issue of error.issues) {
    const [field = fallback] = issue.path;
    errors[String(field)] ??= issue.message;
  }
  return errors;
}

/**
 * Slack rejects an answer that names a block without an input, and the person sees nothing. Such errors are moved to
 * the first input. Undefined if the view has none.
 */
export function errorsFor(
  view: ViewOutput,
  errors: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const inputs = view.blocks.filter(isInput).flatMap((block) => (block.block_id === undefined ? [] : [block.block_id]));
  const [first] = inputs;
  if (first === undefined) return undefined;
  const placed: Record<string, string> = {};
  for (const [field, problem] of Object.entries(errors)) {
    const blockId = inputs.includes(field) ? field : first;
    const before = placed[blockId];
    if (before?.includes(problem)) continue;
    const joined = before === undefined ? problem : `${before} ${problem}`;
    placed[blockId] = truncate(joined, LIMITS.input.error);
  }
  return placed;
}

function isInput(block: types.AnyBlock): boolean {
  return block.type === 'input';
}

function readElement(element: StateValue): string | readonly string[] | null {
  if (element.selected_options) return element.selected_options.map((option) => option.value);
  const several = element.selected_users ?? element.selected_channels ?? element.selected_conversations;
  if (several) return several;
  const files = element.files?.map((file) => file.id);
  if (files) return files;
  if (typeof element.selected_date_time === 'number') return String(element.selected_date_time);
  return (
    element.value ??
    element.selected_option?.value ??
    element.selected_user ??
    element.selected_channel ??
    element.selected_conversation ??
    element.selected_date ??
    element.selected_time ??
    null
  );
}
