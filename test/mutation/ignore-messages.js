import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const REASON = 'a text for people';
const WORDS = /\S\s+\S/;
/** What decides something inside a template: such a template is mutated. */
const DECIDES = new Set(['ConditionalExpression', 'LogicalExpression', 'BinaryExpression', 'ArrowFunctionExpression']);

/**
 * Leaves out the texts of messages: a string with a space between words is nothing that a rule compares. Only
 * the text is left out. A template with a condition or a calculation in it is mutated as a whole.
 */
const messages = {
  shouldIgnore({ node }) {
    if (node.type === 'StringLiteral') return WORDS.test(node.value) ? REASON : undefined;
    if (node.type !== 'TemplateLiteral' || node.expressions.some(decides)) return undefined;
    return node.quasis.some(({ value }) => WORDS.test(value.raw)) ? REASON : undefined;
  },
};

function decides(node) {
  if (node === null || typeof node !== 'object') return false;
  if (DECIDES.has(node.type)) return true;
  return Object.entries(node).some(
    ([key, child]) => key !== 'loc' && (Array.isArray(child) ? child.some(decides) : decides(child)),
  );
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'messages', messages)];
