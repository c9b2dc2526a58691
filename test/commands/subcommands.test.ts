import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { subcommandsFor } from '../../commands/billing.ts';
import { helpFor, helpOn, helpOnTopic } from '../../commands/help.ts';
import { splitWords } from '../../commands/parse/words.ts';
import { createRouter } from '../../commands/router.ts';
import { ROLES } from '../../src/billing/account/role.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { checkBlocks } from '../../src/slack/limits/check-view.ts';
import { importsOf } from '../architecture/sources.ts';

const subcommands = subcommandsFor({ clock: systemClock, nudge: () => undefined });
const router = createRouter(subcommands);
const NOBODY = [...ROLES, undefined];

describe('the list of subcommands', () => {
  it('includes every file in the folder', () => {
    const ownParts = ['billing.ts', 'help.ts', 'index.ts', 'router.ts'];
    const files = readdirSync('commands').filter((name) => name.endsWith('.ts') && !ownParts.includes(name));
    const listed = importsOf('commands/billing.ts').map(({ target }) => target);
    expect(files.length).toBeGreaterThan(25);
    expect(files.filter((name) => !listed.includes(`commands/${name}`))).toEqual([]);
  });

  it('is exactly what help shows to each role', () => {
    for (const role of NOBODY) {
      const { text } = helpFor('/billing', subcommands, role);
      const shown = subcommands.filter(({ allowed }) => allowed?.(role) ?? true).map(({ name }) => `/billing ${name}`);
      expect(text).toBe(`Commands: ${shown.join(', ')}`);
    }
  });

  it('fits into one message for every role, and so does each topic', () => {
    const topics = [...new Set(subcommands.map(({ topic }) => topic))];
    for (const role of NOBODY) {
      const answers = topics.map((topic) => helpOnTopic('/billing', subcommands, { topic, role }));
      for (const { blocks = [] } of [
        helpFor('/billing', subcommands, role),
        ...answers.filter((one) => one !== undefined),
      ])
        expect(checkBlocks('message', blocks)).toEqual([]);
    }
  });

  it('has each command on exactly one topic page', () => {
    const topics = [...new Set(subcommands.map(({ topic }) => topic))];
    const pages = topics.map((topic) => helpOnTopic('/billing', subcommands, { topic, role: 'owner' })?.text ?? '');
    const named = pages.flatMap((text) => text.slice(text.indexOf(': ') + 2).split(', '));
    expect(named.sort()).toEqual(subcommands.map(({ name }) => `/billing ${name}`).sort());
  });
});

describe('a member', () => {
  it('isn’t told how to do what the role doesn’t allow', () => {
    const pages = [...new Set(subcommands.map(({ topic }) => topic))].map((topic) =>
      JSON.stringify(helpOnTopic('/billing', subcommands, { topic, role: 'member' })),
    );
    for (const word of [
      'write-off',
      'waive',
      'credit claim',
      'AMOUNT',
      'FORMAT',
      '@WHO',
      'leads NAME',
      'tax set',
      'import',
    ])
      expect(pages.join('\n')).not.toContain(word);
  });
});

describe.each(subcommands)('/billing $name', (subcommand) => {
  it('has a one-sentence summary and a topic', () => {
    expect(subcommand.summary).toMatch(/^[A-Z].*\.$/);
    expect(subcommand.topic).not.toBe('');
  });

  it('has examples that run it', () => {
    expect(subcommand.examples.length).toBeGreaterThan(0);
    for (const example of subcommand.examples) {
      const found = router.route(splitWords(example));
      expect(found.kind === 'run' && found.subcommand.name).toBe(subcommand.name);
    }
  });

  it('explains to every role only what it may do, with examples from what it explains', () => {
    for (const role of NOBODY) {
      const part = subcommand.partFor?.(role);
      if (!part) continue;
      expect(part.usage.length).toBeLessThanOrEqual(subcommand.usage.length);
      expect(part.summary).toMatch(/^[A-Z].*\.$/);
      expect(subcommand.examples).toEqual(expect.arrayContaining([...part.examples]));
      const { text } = helpOn('/billing', subcommand, role);
      for (const left of subcommand.examples.filter((one) => !part.examples.includes(one)))
        expect(text.split('\n')).not.toContain(`/billing ${left}`);
    }
    expect(subcommand.partFor?.('owner')).toBeUndefined();
  });

  it('is shown to owners, with help that fits into a message', () => {
    expect(subcommand.allowed?.('owner') ?? true).toBe(true);
    expect(checkBlocks('message', helpOn('/billing', subcommand, 'owner').blocks ?? [])).toEqual([]);
  });
});
