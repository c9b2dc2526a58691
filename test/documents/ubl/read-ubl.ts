import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Decimal } from '../../../src/billing/money/money.ts';

/** An element as another program reads it: its local name, text, attributes, and child elements in order. */
export interface Node {
  readonly name: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: true,
});

/** The root of an XML file. @throws {Error} when it isn't well-formed */
export function readXml(xml: string): Node {
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) throw new Error(JSON.stringify(verdict));
  const parsed: unknown = parser.parse(xml);
  const root = nodesOf(parsed).find(({ name }) => name !== '?xml');
  if (!root) throw new Error('no root');
  return root;
}

/** All elements at a path of names without prefix, such as `TaxTotal/TaxSubtotal`. */
export function all(node: Node, path: string): Node[] {
  return path
    .split('/')
    .reduce<Node[]>(
      (nodes, step) =>
        nodes.flatMap(({ children }) => children.filter(({ name }) => name.replace(/^.*:/, '') === step)),
      [node],
    );
}

export function text(node: Node, path: string): string {
  return all(node, path)[0]?.text ?? '';
}

export function number(node: Node, path: string): Decimal {
  return new Decimal(text(node, path) || 'NaN');
}

/** Every element of a name, however deep. */
export function anywhere(node: Node, name: string): Node[] {
  return node.children.flatMap((child) => [
    ...(child.name.replace(/^.*:/, '') === name ? [child] : []),
    ...anywhere(child, name),
  ]);
}

function nodesOf(list: unknown): Node[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown): Node[] => {
    if (typeof entry !== 'object' || entry === null) return [];
    const [name, inner] = Object.entries(entry).find(([key]) => key !== ':@' && key !== '#text') ?? [];
    if (name === undefined) return [];
    const attributes: Record<string, string> = Object.fromEntries(
      Object.entries((':@' in entry && typeof entry[':@'] === 'object' && entry[':@']) || {}).map(([key, value]) => [
        key,
        String(value),
      ]),
    );
    return [{ name, attributes, text: textOf(inner), children: nodesOf(inner) }];
  });
}

function textOf(list: unknown): string {
  if (!Array.isArray(list)) return '';
  return list
    .map((entry: unknown) =>
      typeof entry === 'object' && entry !== null && '#text' in entry ? String(entry['#text']) : '',
    )
    .join('');
}
