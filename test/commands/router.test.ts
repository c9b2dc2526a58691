import { describe, expect, it } from '@jest/globals';
import { splitWords } from '../../commands/parse/words.ts';
import { createRouter, type Subcommand } from '../../commands/router.ts';

function subcommand(name: string, more: Partial<Subcommand> = {}): Subcommand {
  return {
    name,
    summary: `About ${name}.`,
    usage: '',
    examples: [name],
    topic: 'All',
    run: async () => undefined,
    ...more,
  };
}

const router = createRouter([
  subcommand('groups', { aliases: ['ls'] }),
  subcommand('group'),
  subcommand('projects'),
  subcommand('costs'),
  subcommand('invoices'),
  subcommand('invoice'),
  subcommand('issue'),
  subcommand('import'),
  subcommand('account', { aliases: ['accounts'] }),
  subcommand('help'),
]);

function route(typed: string) {
  const found = router.route(splitWords(typed));
  return found.kind === 'run' ? [found.subcommand.name, ...found.words.map(({ text }) => text)] : found;
}

describe('the router', () => {
  it.each<[string, readonly string[]]>([
    ['groups', ['groups']],
    ['GROUP "Acme Corp" now', ['group', 'Acme Corp', 'now']],
    ['ls', ['groups']],
    ['invoice INV-1', ['invoice', 'INV-1']],
    ['acc', ['account']],
    ['p', ['projects']],
    ['iss Acme 2025-01', ['issue', 'Acme', '2025-01']],
  ])('finds the subcommand of %j', (typed, found) => {
    expect(route(typed)).toEqual(found);
  });

  it('reports that nothing was typed', () => {
    expect(route('  ')).toEqual({ kind: 'empty' });
  });

  it('lists the matches of an ambiguous prefix', () => {
    expect(route('inv')).toEqual({ kind: 'ambiguous', typed: 'inv', names: ['invoices', 'invoice'] });
    expect(route('i')).toMatchObject({ kind: 'ambiguous', names: ['invoices', 'invoice', 'issue', 'import'] });
  });

  it.each<[string, readonly string[]]>([
    ['grups', ['groups']],
    ['gruop', ['group']],
    ['porjects', ['projects']],
    ['ivnoice', ['invoice']],
    ['isue', ['issue']],
    ['imprt', ['import']],
    ['hlep', ['help']],
    ['cost', ['costs']],
    ['acount', ['account']],
    ['weather', []],
    ['x', []],
    ['42', []],
    ['漢字', []],
    ['""', []],
  ])('suggests for %s: %j', (typed, near) => {
    const found = router.route(splitWords(typed));
    const names = found.kind === 'run' ? [found.subcommand.name] : found.kind === 'unknown' ? found.near : found.kind;
    expect(names).toEqual(near);
  });

  it('suggests at most three, all equally near', () => {
    const animals = createRouter(['rats', 'fat', 'eat', 'cat', 'bat'].map((name) => subcommand(name)));
    expect(animals.route(splitWords('hat'))).toMatchObject({ near: ['bat', 'cat', 'eat'] });
  });

  it('accepts no duplicate names', () => {
    expect(() => createRouter([subcommand('a'), subcommand('b', { aliases: ['a'] })])).toThrow('a');
  });
});
