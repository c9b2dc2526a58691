import { isFields } from './json.ts';

/** Collects problems in the form `[ERROR] words [json-pointer:/where]`. */
export class Problems {
  readonly messages: string[] = [];

  add(words: string, pointer: string): void {
    this.messages.push(`[ERROR] ${words} [json-pointer:${pointer}]`);
  }

  /** At most `max` items, and at least one by default. */
  count(items: unknown[], max: number, pointer: string, min = 0): void {
    if (items.length > max) this.add(`no more than ${max} items allowed`, pointer);
    if (items.length < min) this.add(`no less than ${min} items allowed`, pointer);
  }

  /** A string of `min` to `max` characters; may be absent. */
  length(value: unknown, max: number, pointer: string, min = 1): void {
    if (value === undefined || value === null) return;
    if (typeof value !== 'string') this.add('must provide a string', pointer);
    else if (value.length < min) this.add(`must be more than ${min - 1} characters`, pointer);
    else if (value.length > max) this.add(`must be less than ${max + 1} characters`, pointer);
  }

  /** A required string of 1 to `max` characters. */
  required(value: unknown, max: number, pointer: string): void {
    const [, parent = '', key = ''] = /^(.*)\/([^/]*)$/.exec(pointer) ?? [];
    if (value === undefined || value === null) this.add(`missing required field: ${key}`, parent);
    else this.length(value, max, pointer);
  }

  /** An ID that isn't in `taken` yet. */
  fresh(name: string, id: unknown, taken: Set<string>, pointer: string): void {
    if (id === undefined) return;
    if (typeof id !== 'string') return;
    if (taken.has(id)) this.add(`\`${name}\` "${id}" already exists`, `${pointer}/${name}`);
    taken.add(id);
  }

  plainText(value: unknown, max: number, pointer: string, required = false): void {
    this.#textObject(value, max, pointer, required, ['plain_text']);
  }

  anyText(value: unknown, max: number, pointer: string, required = false): void {
    this.#textObject(value, max, pointer, required, ['plain_text', 'mrkdwn']);
  }

  #textObject(value: unknown, max: number, pointer: string, required: boolean, types: string[]): void {
    const [, parent = '', key = ''] = /^(.*)\/([^/]*)$/.exec(pointer) ?? [];
    if (value === undefined) {
      if (required) this.add(`missing required field: ${key}`, parent);
      return;
    }
    if (!isFields(value)) {
      this.add('must provide an object', pointer);
      return;
    }
    if (typeof value.type !== 'string' || !types.includes(value.type)) {
      this.add(`must be one of ${types.join(', ')}`, `${pointer}/type`);
    }
    this.required(value.text, max, `${pointer}/text`);
  }
}

/** The array, or an empty one if it isn't an array, which is a problem. */
export function items(value: unknown, problems: Problems, pointer: string): unknown[] {
  if (Array.isArray(value)) return value;
  problems.add('must provide an array', pointer);
  return [];
}
