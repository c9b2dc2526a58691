import { EVENT_KINDS, type EventKind, eventKindName } from '../src/billing/event/event.ts';
import { dayIn } from '../src/billing/period/day.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { groupPlace } from '../views/group/place.ts';
import { accountPlace, openEvents } from '../views/notices/events.ts';
import { cutAt } from './parse/keywords.ts';
import { meant } from './parse/name-beginning.ts';
import { readDay } from './parse/typed-day.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const USAGE = '[GROUP] [kind KIND] [by @PERSON] [since DAY] [until DAY]';
const KINDS = Object.keys(EVENT_KINDS) as EventKind[];
/** Inserted before the words, so that a keyword can be the first of them. */
const NOTHING: Word = { text: '', quoted: true };

export function events(deps: Deps): Subcommand {
  return {
    name: 'events',
    aliases: ['log'],
    summary: 'Show events of the account or of a billing group, newest first.',
    usage: USAGE,
    examples: [
      'events',
      'events "Team Blue" kind projects since 2026-10-01',
      'events since yesterday',
      'events by automation',
    ],
    topic: 'Log',
    async run(context, words) {
      await openEvents(context, async () => {
        const { first, parts } = cutAt([NOTHING, ...words], ['kind', 'by', 'since', 'until']);
        const { ctx, account } = await callerOf(deps, context);
        const today = dayIn(ctx.clock.now(), account.timeZone);
        const by = parts.by === undefined ? undefined : readPerson(words, parts.by, context.userId);
        const filter: Record<string, string> = {
          ...(parts.kind !== undefined && { kind: readKind(parts.kind) }),
          ...(by !== undefined && { by }),
          ...(parts.since !== undefined && { from: readDay(parts.since, 'first', today) }),
          ...(parts.until !== undefined && { to: readDay(parts.until, 'last', today) }),
        };
        const name = first.trim();
        if (name === '') return { ctx, place: accountPlace(account._id, filter) };
        const group = await findGroup(ctx, account._id, name);
        return { ctx, place: { ...groupPlace(account._id, group._id, 'events'), filter } };
      });
    },
  };
}

function readKind(typed: string): EventKind {
  const found = meant(KINDS, typed);
  const [only] = found;
  if (only && found.length === 1) return only;
  const problem = found.length === 0 ? `There is no event kind “${typed}”.` : `“${typed}” matches several event kinds.`;
  const named = (found.length === 0 ? KINDS : found).map(eventKindName).join(', ');
  throw new Refusal('invalid_command', {
    problem,
    usage: `${found.length === 0 ? 'Kinds' : 'Type one of these'}: ${named}.`,
  });
}

/** `me`, `automation`, or the person mentioned after `by`. */
function readPerson(words: readonly Word[], typed: string, me: string): string {
  const key = typed.trim().toLowerCase();
  if (key === 'me') return me;
  if (key === 'automation' || key === 'operator') return key;
  const at = words.findLastIndex((word) => !word.quoted && !word.mention && word.text.toLowerCase() === 'by');
  const mention = words[at + 1]?.mention;
  if (mention?.kind === 'user') return mention.id;
  throw new Refusal('invalid_command', {
    problem: `“${typed}” isn’t a person in this workspace.`,
    usage: 'Mention the person with @, or type `by me` or `by automation`.',
  });
}
