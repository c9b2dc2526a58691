/** Finds the queries of the store in its sources, and whether their filters name the account. */
import { readFileSync } from 'node:fs';
import { sourcesIn } from '../architecture/sources.ts';
import { type Fn, readSource, type Source } from './store-source.ts';
import {
  asNode,
  bare,
  isFunction,
  listed,
  type Node,
  nameOf,
  nodesIn,
  returnsOf,
  type Scope,
  scopeOf,
  visit,
} from './syntax.ts';

/** A call of a model that reads or changes documents that a filter selects. */
export interface StoreQuery {
  /** `FILE FUNCTION` */
  readonly where: string;
  /** The names of the models that it is called on, such as `Invoice`. */
  readonly models: readonly string[];
  readonly method: string;
  readonly isWrite: boolean;
  /** Whether its filter names the account, whatever values it is called with. */
  readonly namesAccount: boolean;
  /** Whether the function's description says that it looks through all accounts. */
  readonly isAcrossAccounts: boolean;
}

/** An expression, and where it is. */
interface At {
  readonly file: string;
  readonly scope: Scope | undefined;
}

const READS = ['find', 'findOne', 'findById', 'exists', 'countDocuments', 'distinct', 'aggregate'];
const WRITES = [
  ...['updateOne', 'updateMany', 'deleteOne', 'deleteMany', 'replaceOne', 'bulkWrite'],
  ...['findOneAndUpdate', 'findOneAndDelete', 'findByIdAndUpdate', 'findByIdAndDelete'],
];
/** Functions of the store that query a model or collection, and the position of the filter. */
const CALLED: Readonly<Record<string, number>> = { findRaw: 1, distinctValues: 2 };
/** How many variables, parameters and functions an expression is followed through. */
const DEPTH = 16;

/** All queries of the store's files, without migrations, which go through all accounts. */
export function storeQueries(): StoreQuery[] {
  const files = sourcesIn(['src/store']).filter((file) => !file.startsWith('src/store/migrations/'));
  return queriesIn(new Map(files.map((file) => [file, readFileSync(file, 'utf8')])));
}

/** The queries in some files, by path. */
export function queriesIn(texts: ReadonlyMap<string, string>): StoreQuery[] {
  return new Sources(new Map([...texts].map(([file, text]) => [file, readSource(file, text)]))).queries();
}

/** A call of a function. */
interface Call {
  readonly node: Node;
  readonly args: readonly Node[];
  readonly at: At;
}

class Sources {
  private readonly files: ReadonlyMap<string, Source>;
  private readonly calls: readonly Call[];

  constructor(files: ReadonlyMap<string, Source>) {
    this.files = files;
    const calls: Call[] = [];
    for (const [file, { root, scope: top }] of files) {
      visit(root, top, (node, scope) => {
        if (node.type !== 'CallExpression') return;
        calls.push({ node, args: listed(node.arguments).map((one) => one.node), at: { file, scope } });
      });
    }
    this.calls = calls;
  }

  queries(): StoreQuery[] {
    return this.calls.flatMap((call) => this.queryOf(call));
  }

  private queryOf({ node, args, at }: Call): StoreQuery[] {
    const target = this.targetOf(node, args, at);
    if (!target) return [];
    const { models, method, filters } = target;
    const fn = this.functionAround(at);
    return [
      {
        ...{ where: `${at.file} ${fn?.name ?? ''}`, models, method },
        isWrite: WRITES.includes(method),
        namesAccount: filters.length > 0 && filters.every((filter) => this.names(filter, at)),
        isAcrossAccounts: /^Across all accounts\b/.test(fn?.doc ?? ''),
      },
    ];
  }

  private targetOf(call: Node, args: readonly Node[], at: At) {
    const callee = asNode(call.callee);
    const [first] = args;
    if (callee?.type === 'Identifier') {
      const place = CALLED[nameOf(callee)];
      const models = place === undefined || !first ? [] : this.modelsOf(first, at);
      const filter = args[place ?? 0];
      return models.length > 0 ? { models, method: nameOf(callee), filters: filter ? [filter] : [] } : undefined;
    }
    const [object, method] = [asNode(callee?.object), nameOf(callee?.property)];
    if (!object || ![...READS, ...WRITES].includes(method)) return undefined;
    const models = this.modelsOf(object, at);
    return models.length > 0 ? { models, method, filters: this.filtersOf(method, args, at) } : undefined;
  }

  /** The models that an expression stands for: a model, its collection, or a parameter that is given models. */
  private modelsOf(node: Node, at: At): string[] {
    if (node.type === 'MemberExpression') {
      const object = asNode(node.object);
      return object && nameOf(node.property) === 'collection' ? this.modelsOf(object, at) : [];
    }
    if (node.type !== 'Identifier') return [];
    const name = nameOf(node);
    const { file, name: there } = this.files.get(at.file)?.imports.get(name) ?? { file: at.file, name };
    const model = this.files.get(file)?.models.get(there);
    if (model !== undefined) return [model];
    return this.givenTo(name, at).flatMap((given) => this.modelsOf(given.node, given.at));
  }

  private filtersOf(method: string, args: readonly Node[], at: At): Node[] {
    const [first, second] = args;
    if (method === 'distinct') return second ? [second] : [];
    if (!first) return [];
    if (method === 'aggregate') {
      const match = propertyOf(listed(bare(first).elements)[0]?.node, '$match');
      return match ? [match] : [];
    }
    return method === 'bulkWrite' ? this.filtersWithin(first, at) : [first];
  }

  /** The filters of a list of writes. */
  private filtersWithin(node: Node, at: At): Node[] {
    const variable = node.type === 'Identifier' ? variableOf(nameOf(node), at.scope) : undefined;
    const found: Node[] = [];
    visit(variable?.value ?? node, undefined, (one) => {
      const filter = one.type === 'ObjectExpression' ? propertyOf(one, 'filter') : undefined;
      if (filter) found.push(filter);
    });
    return found;
  }

  /** Whether a filter names the account. */
  private names(given: Node, at: At, depth = DEPTH): boolean {
    const node = bare(given);
    if (depth === 0) return false;
    const next = (one: Node, where = at) => this.names(one, where, depth - 1);
    switch (node.type) {
      case 'ObjectExpression':
        return nodesIn(node.properties).some((property) => this.propertyNames(property, at, depth));
      case 'ConditionalExpression':
        return [asNode(node.consequent), asNode(node.alternate)].every((one) => one !== undefined && next(one));
      case 'CallExpression': {
        const fn = this.called(node, at);
        return fn !== undefined && fn.returns.length > 0 && fn.returns.every((one) => next(one, fn.at));
      }
      case 'Identifier': {
        const name = nameOf(node);
        const variable = variableOf(name, at.scope);
        if (variable?.isElement) return this.eachNames(variable.value, at, depth - 1);
        if (variable) return next(variable.value);
        const values = this.givenTo(name, at);
        return (
          values.length > 0 &&
          values.every((value) =>
            value.isElement ? this.eachNames(value.node, value.at, depth - 1) : next(value.node, value.at),
          )
        );
      }
      default:
        return false;
    }
  }

  private propertyNames(property: Node, at: At, depth: number): boolean {
    if (property.type === 'Identifier') return nameOf(property) === 'accountId';
    const spread = asNode(property.arguments);
    if (property.type === 'SpreadElement') return spread !== undefined && this.names(spread, at, depth - 1);
    const [key, value] = [nameOf(property.key), asNode(property.value)];
    if (key === 'accountId') return true;
    if (!value) return false;
    if (key === '$or') return this.eachNames(value, at, depth - 1);
    return key === '$and' && listed(bare(value).elements).some(({ node }) => this.names(node, at, depth - 1));
  }

  /** Whether each element of a list names the account. */
  private eachNames(given: Node, at: At, depth: number): boolean {
    const node = bare(given);
    if (depth === 0) return false;
    const next = (one: Node, where = at) => this.eachNames(one, where, depth - 1);
    switch (node.type) {
      case 'ArrayExpression':
        return listed(node.elements).every(({ node: one, isSpread }) =>
          isSpread ? next(one) : this.names(one, at, depth - 1),
        );
      case 'ConditionalExpression':
        return [asNode(node.consequent), asNode(node.alternate)].every((one) => one !== undefined && next(one));
      case 'CallExpression': {
        const mapped = nameOf(asNode(node.callee)?.property) === 'map' ? listed(node.arguments)[0]?.node : undefined;
        if (mapped)
          return returnsOf(mapped).every((one) =>
            this.names(one, { ...at, scope: scopeOf(mapped, at.scope) }, depth - 1),
          );
        const fn = this.called(node, at);
        return fn !== undefined && fn.returns.length > 0 && fn.returns.every((one) => next(one, fn.at));
      }
      case 'Identifier': {
        const variable = variableOf(nameOf(node), at.scope);
        return variable !== undefined && !variable.isElement && next(variable.value);
      }
      default:
        return false;
    }
  }

  /** What a called function returns. */
  private called(call: Node, at: At): { readonly returns: readonly Node[]; readonly at: At } | undefined {
    const name = nameOf(call.callee);
    const local = variableOf(name, at.scope)?.value;
    if (local && isFunction(local))
      return { returns: returnsOf(local), at: { ...at, scope: scopeOf(local, at.scope) } };
    const fn = this.functionNamed(name, at.file);
    if (!fn) return undefined;
    return {
      returns: returnsOf(fn.node),
      at: { file: fn.file, scope: scopeOf(fn.node, this.files.get(fn.file)?.scope) },
    };
  }

  private functionNamed(name: string, file: string): Fn | undefined {
    const own = this.files.get(file);
    const from = own?.imports.get(name);
    return own?.functions.get(name) ?? (from && this.files.get(from.file)?.functions.get(from.name));
  }

  private functionAround({ file, scope }: At): { readonly name: string; readonly doc: string } | undefined {
    for (let one = scope; one; one = one.outer) {
      for (const [name, { node, doc }] of this.files.get(file)?.functions ?? [])
        if (node === one.node) return { name, doc };
    }
    return undefined;
  }

  /** The values that a function's parameter is given, wherever it is called. */
  private givenTo(name: string, at: At): { readonly node: Node; readonly at: At; readonly isElement: boolean }[] {
    for (let scope = at.scope; scope; scope = scope.outer) {
      const place = scope.params.findIndex((param) => param.type === 'Identifier' && nameOf(param) === name);
      if (place < 0) continue;
      return this.callsOf(scope.node).flatMap(({ args, at: where, isMap }) => {
        const node = args[place];
        return node ? [{ node, at: where, isElement: isMap }] : [];
      });
    }
    return [];
  }

  private callsOf(fn: Node): { readonly args: readonly Node[]; readonly at: At; readonly isMap: boolean }[] {
    return this.calls.flatMap(({ node, args, at }) => {
      const callee = asNode(node.callee);
      const list = asNode(callee?.object);
      // the function of a list's `map` or `flatMap` is given the list's elements
      if (list && args[0] === fn && /^(?:flatM|m)ap$/.test(nameOf(callee?.property)))
        return { args: [list], at, isMap: true };
      const isCalled = callee?.type === 'Identifier' && this.functionNamed(nameOf(callee), at.file)?.node === fn;
      return isCalled ? { args, at, isMap: false } : [];
    });
  }
}

function variableOf(name: string, scope: Scope | undefined) {
  for (let one = scope; one; one = one.outer) {
    const found = one.variables.find(({ pattern }) => pattern.type === 'Identifier' && nameOf(pattern) === name);
    if (found) return found;
    if (one.params.some((param) => param.type === 'Identifier' && nameOf(param) === name)) return undefined;
  }
  return undefined;
}

function propertyOf(object: Node | undefined, name: string): Node | undefined {
  const found = nodesIn(object?.properties).find((one) => nameOf(one.key) === name || nameOf(one) === name);
  return found && (asNode(found.value) ?? found);
}
