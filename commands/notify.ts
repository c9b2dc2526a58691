import { count } from '../src/billing/money/count.ts';
import { Refusal } from '../src/billing/refusal.ts';
import {
  listSubscriptions,
  pauseSubscription,
  removeSubscription,
  resumeSubscription,
} from '../src/services/notices/subscriptions.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { notifyReply, openNotify } from '../views/notices/subscriptions.ts';
import { isMine } from './parse/keywords.ts';
import { mayEditGroups, unless } from './parse/who-may.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const STEPS = { pause: pauseSubscription, resume: resumeSubscription, remove: removeSubscription } as const;
const DONE = {
  pause: 'Paused. Notifications are kept until you resume.',
  resume: 'Resumed. Missed notifications are sent first.',
  remove: 'Removed.',
};

export function notify(deps: Deps): Subcommand {
  return {
    name: 'notify',
    summary: 'Subscribe this channel or yourself to notifications, or list, pause, resume and remove subscriptions.',
    usage: '[mine | list | pause | resume | remove]',
    examples: ['notify', 'notify mine', 'notify list', 'notify pause'],
    topic: 'Notifications',
    partFor: unless(mayEditGroups, {
      summary: 'Subscribe yourself to notifications, or list, pause, resume and remove subscriptions.',
      usage: '[mine | list | pause | resume | remove]',
      examples: ['notify', 'notify mine', 'notify list'],
    }),
    async run(context, words) {
      const step = words[0]?.text.toLowerCase();
      if (step === undefined || isMine(words)) {
        await openNotify(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          const origin = { account: account._id, group: '', more: {}, channel: context.channelId };
          return { ctx, origin, channelId: channelOrNone(context.channelId), isAboutLed: isMine(words) };
        });
        return;
      }
      const caller = await callerOf(deps, context);
      if (step === 'list') await context.respond(await notifyReply(caller.ctx, caller.account._id));
      else await context.respond(await take(caller, step, words.slice(1), context.channelId));
    },
  };
}

/** Performs a step on the channel's subscription. If there are several, the one whose number in the list is typed. */
async function take(caller: Caller, step: string, words: readonly Word[], channelId: string): Promise<string> {
  if (!isStep(step)) {
    throw new Refusal('invalid_command', {
      problem: `There is no notify command “${step}”.`,
      usage: 'Type `/billing notify` alone or followed by `mine`, `list`, `pause`, `resume` or `remove`.',
    });
  }
  const { ctx, account } = caller;
  const here = await listSubscriptions(ctx, account._id, channelId);
  if (here.length === 0) {
    throw new Refusal('invalid_command', {
      problem: 'This channel has no subscriptions.',
      usage: 'Type `/billing notify` to add one, or `/billing notify list` to see all subscriptions.',
    });
  }
  const chosen = here.length === 1 ? here[0] : here[Number(words[0]?.text) - 1];
  if (!chosen) {
    throw new Refusal('invalid_command', {
      problem: `This channel has ${count(here.length, 'subscription')}.`,
      usage: `Type \`/billing notify ${step} 1\` for the first one, or use the menus in \`/billing notify list\`.`,
    });
  }
  await STEPS[step](ctx, account._id, chosen._id);
  return DONE[step];
}

function isStep(step: string): step is keyof typeof STEPS {
  return Object.hasOwn(STEPS, step);
}

/** A direct message can't be chosen as a channel. The form has a checkbox for it. */
function channelOrNone(channelId: string): string | undefined {
  return channelId.startsWith('D') ? undefined : channelId;
}
