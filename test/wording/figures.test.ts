import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';
import { ROOTS, sourcesIn } from '../architecture/sources.ts';

/** What people never read, such as queries and files for programs; and a chart's axis, whose figures are shortened. */
const NOT_SHOWN = ['src/local/', 'src/store/', 'src/platform/', 'src/slack/limits/', 'src/documents/'];
/** The rules, where a variable with the name of an amount is one. Elsewhere it may be its text. */
const RULES = 'src/billing/';
/** Names of amounts. They are shown by `formatMoney` and its like, which round to the currency's decimals. */
const AMOUNTS =
  /^(?:amount|total|net|tax|open|paid|due|amountDue|exact|price|costs?|sum|balance|remaining|prepaid|credited|spent|accumulated|refund|returned|offset|missing|plainSum)$/;
/** Lists, whose total is a count. */
const LISTS = /^(?:page|groups|lines|rows|trail)$/;
/** What isn't an amount: rates and percentages have as many decimals as they need. */
const RATES = /^(?:rate|percentage|standard|value)$/;
/** Things that are counted, in their plural. */
const COUNTED =
  /^ (?:new |more |cost |exact )?(?:rows|records|lines|projects|groups|invoices|payments|matches|days|hours|months|events|entries|codes|claims|members|people|persons|approvers|subscriptions|files|requests|rates|notes|items|currencies)\b/;

interface Printed {
  readonly before: string;
  readonly after: string;
  readonly expression: Node;
}
type Node = Readonly<Record<string, unknown>>;

/** The values in a source file's templates, with the text around them. */
function printedIn(source: string): Printed[] {
  const found: Printed[] = [];
  collect(parseSync(source, { syntax: 'typescript', target: 'es2022' }), found);
  return found;
}

function collect(node: unknown, found: Printed[]): void {
  if (Array.isArray(node)) {
    for (const one of node) collect(one, found);
    return;
  }
  if (!isNode(node)) return;
  if (node.type === 'TemplateLiteral' && Array.isArray(node.quasis) && Array.isArray(node.expressions)) {
    const texts = node.quasis.map((part: { readonly cooked?: string }) => part.cooked ?? '');
    for (const [at, expression] of node.expressions.entries()) {
      if (isNode(expression)) found.push({ before: texts[at] ?? '', after: texts[at + 1] ?? '', expression });
    }
  }
  for (const inner of Object.values(node)) collect(inner, found);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** The last name of an expression: `total` of `invoice.total`. Empty for anything else. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.value);
  return node.type === 'MemberExpression' ? nameOf(node.property) : '';
}

/** An amount with all its digits. */
function isBareAmount({ expression }: Printed, file: string): boolean {
  if (AMOUNTS.test(nameOf(expression))) {
    return expression.type === 'Identifier' ? file.startsWith(RULES) : !LISTS.test(nameOf(expression.object));
  }
  if (expression.type !== 'CallExpression' || !Array.isArray(expression.arguments)) return false;
  const { callee } = expression;
  if (!isNode(callee) || callee.type !== 'MemberExpression' || expression.arguments.length > 0) return false;
  return /^(?:toFixed|toString)$/.test(nameOf(callee.property)) && !RATES.test(nameOf(callee.object));
}

/** A number before a plural, which `count` would write as "1 row". Limits are constants, and never 1. */
function isBareCount({ before, after, expression }: Printed): boolean {
  if (!COUNTED.test(after) || /\bat (?:most|least) $/.test(before)) return false;
  return expression.type !== 'CallExpression' && !/^[A-Z_]+$/.test(nameOf(expression));
}

/** Faults of a kind in all sources, with the text around each. */
function faults(isFault: (printed: Printed, file: string) => boolean): string[] {
  return sourcesIn(ROOTS)
    .filter((file) => file.endsWith('.ts') && !NOT_SHOWN.some((place) => file.startsWith(place)))
    .flatMap((file) =>
      printedIn(readFileSync(file, 'utf8'))
        .filter((printed) => isFault(printed, file))
        .map(({ before, after, expression }) => `${file}: ${before}{${nameOf(expression)}}${after}`),
    );
}

describe('figures in texts', () => {
  const source = (text: string) => printedIn(`say(\`${text}\`)`);

  it('are found in the source', () => {
    const isAmount = (text: string, file = 'views/x.ts') => source(text).some((one) => isBareAmount(one, file));
    const dollar = '$';
    expect(isAmount(`${dollar}{invoice.open} open`)).toBe(true);
    expect(isAmount(`${dollar}{sums.USD.toFixed()} USD`)).toBe(true);
    expect(isAmount(`${dollar}{total} open`)).toBe(false);
    expect(isAmount(`${dollar}{total} open`, 'src/billing/x.ts')).toBe(true);
    expect(isAmount(`${dollar}{page.total} in all, ${dollar}{money(total)}, ${dollar}{rate.toFixed()}`)).toBe(false);
    const isCount = (text: string) => source(text).some(isBareCount);
    expect(isCount(`${dollar}{read} rows`)).toBe(true);
    expect(isCount(`${dollar}{of.size} new projects`)).toBe(true);
    expect(isCount(`${dollar}{count(read, 'row')} read, at most ${dollar}{limit} days, ${dollar}{MAX_DAYS} days`)).toBe(
      false,
    );
  });

  it('are amounts with at most the currency’s decimals', () => {
    expect(faults(isBareAmount)).toEqual([]);
  });

  it('are counts that agree with their nouns', () => {
    expect(faults(isBareCount)).toEqual([]);
  });
});
