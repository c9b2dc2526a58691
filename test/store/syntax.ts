/** The parts of a source file's syntax tree that the check of queries needs. */
import { parseSync } from '@swc/core';

/** A node of the tree. Its fields depend on its type. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A function, with the functions around it, innermost first. */
export interface Scope {
  readonly node: Node;
  readonly params: readonly Node[];
  /** Declared in the function, but not in functions within it. */
  readonly variables: readonly Variable[];
  readonly outer: Scope | undefined;
}

/** A variable with its value, or with the list that it is an element of. */
export interface Variable {
  readonly pattern: Node;
  readonly value: Node;
  readonly isElement: boolean;
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
/** Nodes that only wrap an expression. */
const WRAPPERS = [
  'AwaitExpression',
  'ParenthesisExpression',
  'TsAsExpression',
  'TsConstAssertion',
  'TsNonNullExpression',
  'TsSatisfiesExpression',
];

export function parse(text: string): Node {
  return asNode(parseSync(text, { syntax: 'typescript', target: 'es2022' })) as Node;
}

export function asNode(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && 'type' in value ? (value as Node) : undefined;
}

/** The nodes in a field that holds a list. */
export function nodesIn(value: unknown): Node[] {
  return Array.isArray(value) ? value.flatMap((one) => asNode(one) ?? []) : [];
}

export const isFunction = ({ type }: Node) => FUNCTIONS.includes(type);

/** An expression without `await`, brackets and type assertions. */
export function bare(node: Node): Node {
  const inner = WRAPPERS.includes(node.type) ? asNode(node.argument ?? node.expression) : undefined;
  return inner ? bare(inner) : node;
}

/** Visits all nodes below one, with the function that each is in. */
export function visit(node: Node, scope: Scope | undefined, see: (node: Node, scope: Scope | undefined) => void): void {
  see(node, scope);
  const inner = isFunction(node) ? scopeOf(node, scope) : scope;
  for (const child of childrenOf(node)) visit(child, inner, see);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    // arguments and elements are wrapped in an object without a type
    return values.flatMap((one) => asNode(one) ?? expressionOf(one) ?? []);
  });
}

function expressionOf(value: unknown): Node | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('expression' in value) return asNode(value.expression);
  return 'pat' in value ? asNode(value.pat) : undefined;
}

/** A call's arguments or an array's elements. Spread ones are marked. */
export function listed(value: unknown): { readonly node: Node; readonly isSpread: boolean }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const node = expressionOf(one);
    const isSpread = typeof one === 'object' && one !== null && 'spread' in one && one.spread !== null;
    return node ? [{ node, isSpread: isSpread && one.spread !== undefined }] : [];
  });
}

export function scopeOf(node: Node, outer: Scope | undefined): Scope {
  const params = Array.isArray(node.params)
    ? node.params.flatMap((one: unknown) => {
        const param = asNode(one);
        return param?.type === 'Parameter' ? (asNode(param.pat) ?? []) : (param ?? expressionOf(one) ?? []);
      })
    : [];
  const variables: Variable[] = [];
  collect(asNode(node.body), variables);
  return { node, params, variables, outer };
}

/** The variables declared at the top of a file. */
export function fileScope(file: Node): Scope {
  const variables: Variable[] = [];
  for (const item of nodesIn(file.body)) collect(item, variables);
  return { node: file, params: [], variables, outer: undefined };
}

function collect(node: Node | undefined, found: Variable[]): void {
  if (!node || isFunction(node)) return;
  if (node.type === 'VariableDeclarator') add(node.id, node.init, false, found);
  if (node.type === 'ForOfStatement') {
    for (const declared of nodesIn(asNode(node.left)?.declarations)) add(declared.id, node.right, true, found);
  }
  for (const child of childrenOf(node)) collect(child, found);
}

function add(id: unknown, init: unknown, isElement: boolean, found: Variable[]): void {
  const [pattern, value] = [asNode(id), asNode(init)];
  if (pattern && value) found.push({ pattern, value, isElement });
}

/** What a function returns: an arrow's expression, or the values of its return statements. */
export function returnsOf(fn: Node): Node[] {
  const body = asNode(fn.body);
  if (!body) return [];
  if (!('stmts' in body)) return [body];
  const found: Node[] = [];
  const look = (node: Node): void => {
    if (isFunction(node)) return;
    const value = node.type === 'ReturnStatement' ? asNode(node.argument) : undefined;
    if (value) found.push(value);
    for (const child of childrenOf(node)) look(child);
  };
  look(body);
  return found;
}

/** The name of an identifier, or the text of a property's name. */
export function nameOf(value: unknown): string {
  const node = asNode(value);
  return node !== undefined && typeof node.value === 'string' ? node.value : '';
}
