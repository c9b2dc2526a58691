/** A JSON object with unknown fields. */
export type Fields = { [key: string]: unknown };

/** An option of a select, radio group, checkboxes or overflow menu. */
export interface Option extends Fields {
  value: string;
  text: Fields;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function isOption(value: unknown): value is Option {
  return isFields(value) && typeof value.value === 'string' && isFields(value.text);
}

/** All options of an element, with those of its groups. */
export function optionsOf(element: Fields): Option[] {
  const groups = listOf(element.option_groups).flatMap((group) => (isFields(group) ? listOf(group.options) : []));
  return [...listOf(element.options), ...groups].filter(isOption);
}
