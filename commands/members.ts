import { ROLES, type Role, roleName } from '../src/billing/account/role.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { changeRole, leaveAccount, removeMember } from '../src/services/access/members.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { invite } from '../views/account/member-invite.ts';
import { leaveText, openMembers } from '../views/account/members.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import { whoText } from '../views/kit/person.ts';
import { meant } from './parse/name-beginning.ts';
import { mayAdminister, unless } from './parse/who-may.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const ACTS = ['add', 'role', 'remove', 'leave'] as const;
const USAGE = '[add @WHO ROLE | role @WHO ROLE | remove @WHO | leave]';

/** The people and user groups mentioned, and the other words. */
interface Named {
  readonly people: readonly string[];
  readonly groups: readonly string[];
  readonly rest: string;
}

export function members(deps: Deps): Subcommand {
  return {
    name: 'members',
    aliases: ['member'],
    summary: 'List members and their roles, invite people or user groups, change or remove them, or leave the account.',
    usage: USAGE,
    examples: ['members', 'members add @olga billing admin', 'members role @olga viewer', 'members remove @olga'],
    topic: 'Account',
    partFor: unless(mayAdminister, {
      summary: 'List members and their roles, or leave the account.',
      usage: '[leave]',
      examples: ['members'],
    }),
    async run(context, words) {
      const [first, ...rest] = words;
      if (!first) {
        await openMembers(context, accountOfCaller(deps, context));
        return;
      }
      const [act, ...others] = meant(ACTS, first.text);
      if (!act || others.length > 0) throw howTo(`There is no members command “${first.text}”.`);
      await context.respond(await perform(deps, context, act, readNamed(rest)));
    },
  };
}

/** @returns the result, as mrkdwn */
async function perform(deps: Deps, context: CommandContext, act: (typeof ACTS)[number], named: Named): Promise<string> {
  const { ctx, account } = await callerOf(deps, context);
  const accountId = account._id;
  if (act === 'leave') return leaveText(await leaveAccount(ctx, accountId));
  const ids = [...named.people, ...named.groups];
  const [id] = ids;
  if (id === undefined) throw howTo('Mention people or a user group with @.');
  if (act === 'add') return invite(context, ctx, accountId, { ...named, role: readRole(named.rest) });
  if (ids.length > 1) throw howTo('Only one person or user group can be changed at a time.');
  if (act === 'role') {
    const role = readRole(named.rest);
    await changeRole(ctx, { accountId, id, role });
    return `${whoText(id)} now has the ${roleName(role)} role.`;
  }
  await removeMember(ctx, { accountId, id });
  return `Removed ${whoText(id)}.`;
}

function readNamed(words: readonly Word[]): Named {
  const ids = (kind: 'user' | 'group') => words.flatMap(({ mention }) => (mention?.kind === kind ? [mention.id] : []));
  return { people: ids('user'), groups: ids('group'), rest: phrase(words.filter(({ mention }) => !mention)) };
}

function readRole(typed: string): Role {
  // as people say it: "as viewer"
  const found = meant(ROLES, typed.replace(/^as\s+(?=\S)/i, ''));
  const [only] = found;
  if (only && found.length === 1) return only;
  const all = ROLES.map(roleName).join(', ');
  if (typed.trim() === '') throw howTo('Enter a role.', all);
  if (found.length > 1) throw howTo(`“${typed}” could be ${found.map(roleName).join(' or ')}.`, all);
  throw howTo(`“${typed}” isn’t a role.`, all);
}

function howTo(problem: string, roles?: string): Refusal {
  const usage = roles === undefined ? `Type \`/billing members ${USAGE}\`.` : `Roles: ${roles}.`;
  return new Refusal('invalid_command', { problem, usage });
}
