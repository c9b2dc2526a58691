/** An XML element: its name, its attributes, and its content, which is text or a list of elements. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

/** Can be passed instead of an element, and is left out. */
export type Optional = XmlElement | null | false | undefined;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** An element with child elements; none if it would be empty, which PEPPOL forbids (PEPPOL-EN16931-R008). */
export function group(name: string, ...content: readonly (Optional | readonly Optional[])[]): XmlElement | null {
  const elements = content.flat().filter((one) => one !== null && one !== undefined && one !== false);
  return elements.length === 0 ? null : { name, attributes: {}, content: elements };
}

/** An element with a text; none if the text is empty. */
export function leaf(
  name: string,
  text: string | null | undefined,
  attributes: Readonly<Record<string, string>> = {},
): XmlElement | null {
  const clean = legal(text ?? '').trim();
  return clean === '' ? null : { name, attributes, content: clean };
}

/** The whole file in UTF-8, indented by two spaces. */
export function xmlFile(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}`;
}

function written({ name, attributes, content }: XmlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const open = `${indent}<${name}${pairs.join('')}>`;
  if (typeof content === 'string') return `${open}${escaped(content)}</${name}>\n`;
  return `${open}\n${content.map((one) => written(one, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);
}

/** Removes what XML 1.0 can't contain (production 2, Char): control characters, lone surrogates and noncharacters. */
function legal(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}
