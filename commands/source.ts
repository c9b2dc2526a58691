import { Refusal } from '../src/billing/refusal.ts';
import { SOURCE_KINDS, type SourceKind } from '../src/billing/source/source.ts';
import { findSource, pauseSource, removeSource, requestRun, resumeSource } from '../src/services/sources/sources.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import { openEditForm, openSourceForm } from '../views/sources/source-form.ts';
import { openSources } from '../views/sources/source-list.ts';
import { openSourceTest } from '../views/sources/source-test.ts';
import { actOf } from './parse/act.ts';
import { meant } from './parse/name-beginning.ts';
import { needed } from './parse/needed.ts';
import { mayIssue } from './parse/who-may.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const STEPS = { run: requestRun, pause: pauseSource, resume: resumeSource, remove: removeSource } as const;
const DONE: Readonly<Record<keyof typeof STEPS, (name: string) => string>> = {
  run: (name) => `*${name}* will be read now. Type \`/billing source list\` to see the result.`,
  pause: (name) => `Paused *${name}*. Nothing is imported from it until you resume it.`,
  resume: (name) => `Resumed *${name}*. It will be read now.`,
  remove: (name) => `Removed *${name}* and its credentials. Costs that it imported stay.`,
};
const ACTS = ['list', 'add', 'edit', 'test', 'run', 'pause', 'resume', 'remove'] as const;
const USAGE = '[list | add [KIND] | edit NAME | test NAME | run NAME | pause NAME | resume NAME | remove NAME]';

export function source(deps: Deps): Subcommand {
  return {
    name: 'source',
    aliases: ['sources'],
    summary: 'Import costs automatically from S3, Azure, an HTTPS URL or a folder.',
    usage: USAGE,
    examples: [
      'source',
      'source add s3',
      'source edit "AWS"',
      'source test "AWS"',
      'source run "AWS"',
      'source pause "AWS"',
    ],
    topic: 'Costs',
    allowed: mayIssue,
    async run(context, words) {
      const [first, ...rest] = words;
      const act = actOf(ACTS, first, { command: 'source', usage: USAGE });
      const find = accountOfCaller(deps, context);
      if (act === 'list') return openSources(context, find);
      if (act === 'add') return openSourceForm(context, deps, kindIn(rest), find);
      const name = needed(phrase(rest), 'Enter the name of a source.', `/billing source ${act} NAME`);
      if (act === 'edit') return openEditForm(context, deps, name, find);
      if (act === 'test') return openSourceTest(context, deps, name, find);
      const { ctx, account } = await callerOf(deps, context);
      const found = await findSource(ctx, account._id, name);
      await STEPS[act](ctx, account._id, found._id);
      await context.respond(DONE[act](escapeMrkdwn(found.name)));
    },
  };
}

function kindIn(words: readonly Word[]): SourceKind {
  const typed = phrase(words).toLowerCase();
  if (typed === '') return 's3';
  const [kind, ...others] = meant(SOURCE_KINDS, typed);
  if (kind && others.length === 0) return kind;
  throw new Refusal('invalid_command', {
    problem: `There is no kind of source “${typed}”.`,
    usage: 'Type `/billing source add` followed by `s3`, `azure`, `https` or `folder`.',
  });
}
