import type { Fields } from './types.ts';

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field if it is a nonempty string. */
export function textOf(fields: Fields | undefined, key: string): string | undefined {
  const value = fields?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The field if it is an object, or the JSON text of one, since form bodies carry objects as JSON. */
export function objectOf(fields: Fields | undefined, key: string): Fields | undefined {
  const value = parsed(fields?.[key]);
  return isFields(value) ? value : undefined;
}

/** The field if it is an array, or the JSON text of one. */
export function arrayOf(fields: Fields | undefined, key: string): unknown[] | undefined {
  const value = parsed(fields?.[key]);
  return Array.isArray(value) ? value : undefined;
}

/** The objects among an array field's items. */
export function objectsOf(fields: Fields | undefined, key: string): Fields[] {
  return (arrayOf(fields, key) ?? []).filter(isFields);
}

/** True for `true`, `"true"` and `"1"`. */
export function flagOf(fields: Fields | undefined, key: string): boolean {
  const value = fields?.[key];
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** A whole number between min and max, given as a number or text; otherwise `otherwise`. */
export function wholeOf(fields: Fields, key: string, otherwise: number, min: number, max: number): number {
  const value = Number(fields[key] ?? otherwise);
  return Number.isInteger(value) ? Math.min(max, Math.max(min, value)) : otherwise;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? parseJson(value) : value;
}
