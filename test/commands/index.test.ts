import { afterEach, describe, expect, it } from '@jest/globals';
import { type CommandOptions, registerCommands } from '../../commands/index.ts';
import type { Subcommand } from '../../commands/router.ts';
import type { Role } from '../../src/billing/account/role.ts';
import { checkBlocks } from '../../src/slack/limits/check-view.ts';
import { sendCommand } from '../support/slack/signed.ts';
import { startTestApp, type TestApp } from '../support/slack/slack-app.ts';

let test: TestApp | undefined;
const ran: (readonly string[])[] = [];

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'groups',
    aliases: ['ls'],
    summary: 'All billing groups.',
    usage: '',
    examples: ['groups'],
    topic: 'Look',
    run: async (_context, words) => void ran.push(words.map(({ text }) => text)),
  },
  {
    name: 'issue',
    summary: 'Issues an invoice <now>.',
    usage: 'GROUP PERIOD',
    examples: ['issue "Acme Corp" 2025-01', 'issue Acme 2025-02'],
    topic: 'Bill',
    allowed: (role) => role === 'owner',
    run: async () => undefined,
  },
];

const DEPS = { clock: { now: () => new Date() }, nudge: () => undefined };

async function ask(text: string, role: Role | undefined = 'owner', more: Partial<CommandOptions> = {}) {
  test = await startTestApp((app) => registerCommands(app, DEPS, SUBCOMMANDS, { roleOf: async () => role, ...more }));
  await sendCommand(test.target, '/billing', text, { responseUrl: test.api.responseUrl });
  return test;
}

async function answerTo(text: string, role?: Role | undefined) {
  const { api } = await ask(text, role);
  const { args } = await api.next('response_url');
  const blocks = Array.isArray(args.blocks) ? args.blocks : [];
  expect(checkBlocks('message', blocks)).toEqual([]);
  return { text: String(args.text), shown: JSON.stringify(blocks), type: args.response_type };
}

afterEach(async () => {
  await test?.stop();
  test = undefined;
  ran.length = 0;
});

describe('/billing', () => {
  it('runs the subcommand with the words after it', async () => {
    await ask('groups "Acme Corp" x');
    expect(ran).toEqual([['Acme Corp', 'x']]);
  });

  it('suggests a similar subcommand', async () => {
    const { text } = await answerTo('grups');
    expect(text).toBe('There is no command `grups`. Did you mean `/billing groups`?');
  });

  it('suggests help when nothing is similar, and shows what was typed without formatting', async () => {
    const { text } = await answerTo('<!channel>`x`');
    expect(text).toBe('There is no command `&lt;!channel&gt;\uFF40x\uFF40`. Type `/billing help` to see all commands.');
  });

  it('explains an unclosed quotation mark', async () => {
    const { text } = await answerTo('groups "Acme');
    expect(text).toContain('The quotation mark before “Acme” (character 8) isn’t closed.');
  });

  it('offers setup first in a new workspace', async () => {
    const { api } = await ask('groups', 'owner', {
      before: async (context) => {
        await context.respond('Welcome');
        return true;
      },
    });
    expect((await api.next('response_url')).args.text).toBe('Welcome');
    expect(ran).toEqual([]);
  });
});

describe('help', () => {
  it.each(['', 'help', 'HELP'])(
    'is the private answer to %j, and lists the topics with their commands',
    async (typed) => {
      const { text, shown, type } = await answerTo(typed);
      expect(type).toBe('ephemeral');
      expect(text).toBe('Commands: /billing groups, /billing issue');
      expect(shown).toContain('*Look* · `/billing help look`\\n`groups`');
      expect(shown).not.toContain('Acme Corp');
      expect(shown.indexOf('*Look*')).toBeLessThan(shown.indexOf('*Bill*'));
    },
  );

  it.each<Role | undefined>(['viewer', undefined])('leaves out what %s can’t do', async (role) => {
    const { api } = await ask('help', role, { roleOf: async () => role });
    const { args } = await api.next('response_url');
    expect(args.text).toBe('Commands: /billing groups');
    expect(JSON.stringify(args.blocks)).not.toContain('issue');
  });

  it.each(['help bill', 'help  BILL'])('for a topic (%j) shows its commands with an example each', async (typed) => {
    const { text, shown } = await answerTo(typed);
    expect(text).toBe('Bill: /billing issue');
    expect(shown).toContain('`/billing issue GROUP PERIOD`\\nIssues an invoice &lt;now&gt;.');
    expect(shown).toContain('`/billing issue \\"Acme Corp\\" 2025-01`');
    expect(shown).not.toContain('/billing groups');
  });

  it('for a topic with no permitted commands says that it is unknown', async () => {
    const { text } = await answerTo('help bill', 'viewer');
    expect(text).toContain('There is no command `bill`.');
  });

  it('for a subcommand shows its usage and all its examples', async () => {
    const { text, shown } = await answerTo('help issue');
    expect(text).toContain('/billing issue GROUP PERIOD: Issues an invoice &lt;now&gt;.');
    expect(shown).toContain('`/billing issue Acme 2025-02`');
    expect(shown).toContain('Issues an invoice &lt;now&gt;.');
  });

  it('for an unknown subcommand suggests one', async () => {
    const { text } = await answerTo('help isue');
    expect(text).toBe('There is no command `isue`. Did you mean `/billing help issue`?');
  });
});
