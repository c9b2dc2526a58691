import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';
import { ROOTS, sourcesIn } from '../architecture/sources.ts';

/** A text that people may read, and its place. */
export interface Text {
  readonly file: string;
  /** With `{}` in place of inserted values. */
  readonly text: string;
}

/** Places whose strings are never shown: queries, SQL, module names. */
const NOT_SHOWN = ['src/local/mongod/', 'src/store/', 'src/billing/tax/vat-id-forms.ts'];
/** Fields of syntax nodes whose strings are names, not texts. */
const NAMES = new Set(['source', 'key', 'typeAnnotation', 'typeParams', 'typeArguments', 'with', 'raw']);
/** Several words, or one word that starts a sentence or a label. */
const READS_AS_TEXT = /\p{L}{2,}[^\p{L}]* [^\p{L}]*\p{L}{2,}|^\p{Lu}\p{Ll}+[.!?…]?$/u;

/** All of the product's texts that people may read, by file, in source order. */
export function allTexts(): Text[] {
  return sourcesIn(ROOTS)
    .filter((file) => !NOT_SHOWN.some((place) => file.startsWith(place)))
    .flatMap((file) => textsIn(readFileSync(file, 'utf8'), file.endsWith('x')).map((text) => ({ file, text })));
}

/** The texts of a source file: its string literals, templates and JSX that read as words, each once. */
export function textsIn(source: string, tsx = false): string[] {
  const texts: string[] = [];
  visit(parseSync(source, { syntax: 'typescript', tsx, target: 'es2022' }), texts);
  return [...new Set(texts.map((text) => text.replace(/\s+/g, ' ').trim()))].filter((text) => READS_AS_TEXT.test(text));
}

function visit(node: unknown, texts: string[]): void {
  if (Array.isArray(node)) {
    for (const one of node) visit(one, texts);
    return;
  }
  if (!isObject(node)) return;
  const text = textOf(node);
  if (text !== undefined) texts.push(text);
  for (const [name, inner] of Object.entries(node)) if (!NAMES.has(name)) visit(inner, texts);
}

function textOf(node: Record<string, unknown>): string | undefined {
  if (node.type === 'StringLiteral' || node.type === 'JSXText') return String(node.value);
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return undefined;
  return node.quasis.map((part: { readonly cooked?: string }) => part.cooked ?? '').join('{}');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The stored list: files in order, each followed by its texts. */
export function listOf(texts: readonly Text[]): string {
  const files = [...new Set(texts.map(({ file }) => file))];
  const part = (file: string) => texts.filter((one) => one.file === file).map(({ text }) => `  ${text}`);
  return files.flatMap((file) => [file, ...part(file), '']).join('\n');
}
