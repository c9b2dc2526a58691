import path from 'node:path';
import { asNode, fileScope, type Node, nameOf, nodesIn, parse, type Scope } from './syntax.ts';

/** A function at the top of a file. */
export interface Fn {
  readonly file: string;
  readonly node: Node;
  /** The comment before it, in one line. */
  readonly doc: string;
}

/** A file of the store. */
export interface Source {
  readonly root: Node;
  readonly scope: Scope;
  readonly functions: ReadonlyMap<string, Fn>;
  /** Imported names, with the file and the name there. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  /** The models that it exports, by the name of the constant. */
  readonly models: ReadonlyMap<string, string>;
}

export function readSource(file: string, text: string): Source {
  const root = parse(text);
  const functions = new Map<string, Fn>();
  const imports = new Map<string, { file: string; name: string }>();
  for (const item of nodesIn(root.body)) {
    const node = item.type === 'ExportDeclaration' ? asNode(item.declaration) : item;
    if (node?.type === 'FunctionDeclaration') {
      const name = nameOf(node.identifier);
      functions.set(name, { file, node, doc: docOf(text, name) });
    }
    if (item.type !== 'ImportDeclaration' || !nameOf(item.source).startsWith('.')) continue;
    const from = path.posix.join(path.posix.dirname(file), nameOf(item.source));
    for (const one of nodesIn(item.specifiers)) {
      imports.set(nameOf(one.local), { file: from, name: nameOf(one.imported) || nameOf(one.local) });
    }
  }
  const models = [...text.matchAll(/export const (\w+) = mongoose\.model\('(\w+)'/g)];
  return {
    root,
    scope: fileScope(root),
    functions,
    imports,
    models: new Map(models.map(([, name = '', model = '']) => [name, model])),
  };
}

/** The comment before a function, in one line. */
function docOf(text: string, name: string): string {
  const [, doc = ''] =
    new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:export )?(?:async )?function\\*? ${name}\\b`).exec(text) ?? [];
  return doc.replace(/\s*\n\s*\*\s?/g, ' ').trim();
}
