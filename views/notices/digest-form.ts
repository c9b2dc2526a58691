import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { DIGEST_RHYTHMS, type DigestRhythm } from '../../src/billing/event/cost-digest.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { foundByIds } from '../../src/services/kit/search.ts';
import { subscribe } from '../../src/services/notices/subscriptions.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import type { RequestContext } from '../../src/slack/app/listeners.ts';
import { type Choice, input, radioButtons } from '../../src/slack/blocks/blocks.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import { formModal, openForm } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import {
  ABOUT_MINE,
  isPersonal,
  join,
  onSubscriptionForm,
  recipientFields,
  recipientInputs,
  recipientText,
  subscriptionIn,
} from './subscription-form.ts';

const TITLE = 'Cost digest';
const FORM = 'digest.new';
const RHYTHM_NAMES: Readonly<Record<DigestRhythm, string>> = {
  weekly: 'Weekly, on Monday at 9:00',
  monthly: 'Monthly, on the first at 9:00',
};
const RHYTHMS = DIGEST_RHYTHMS.map((rhythm): Choice => ({ text: RHYTHM_NAMES[rhythm], value: rhythm }));

const typedSchema = z.object({ ...recipientFields, rhythm: z.enum(DIGEST_RHYTHMS).catch('weekly') });
type Typed = z.infer<typeof typedSchema>;

/** Opens the form for a cost digest, with a channel or the person's own projects preselected. */
export async function openDigest(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; origin: Origin; channelId: string | undefined; isMine: boolean }>,
): Promise<void> {
  await openForm(request, TITLE, async () => {
    const { ctx, origin, channelId, isMine } = await find();
    return form(ctx, origin, typedSchema.parse(isMine ? ABOUT_MINE : { channel: channelId }));
  });
}

/** Registers the form for a cost digest. */
export function registerCostDigests(app: SlackApp, deps: Deps): void {
  onSubscriptionForm(app, deps, { title: TITLE, callbackId: FORM, prefix: 'digest', schema: typedSchema, form, begin });
}

async function begin(ctx: Ctx, typed: Typed, { account }: Origin, request: RequestContext): Promise<string> {
  const wanted = await subscriptionIn(request, typed);
  await subscribe(ctx, account, { ...wanted, digest: typed.rhythm });
  const words = isPersonal(typed) ? '' : ` ${await join(request, wanted.channelId)}`;
  return `${recipientText(typed, wanted.channelId)} will receive a ${typed.rhythm} cost digest. To pause or remove it, type \`/billing notify list\`.${words}`;
}

async function form(ctx: Ctx, origin: Origin, typed: Typed, fault?: string): Promise<ModalView> {
  const found = await foundByIds(ctx, origin.account, typed);
  return formModal({
    title: TITLE,
    callbackId: FORM,
    submit: 'Subscribe',
    origin,
    fault,
    blocks: [
      ...recipientInputs('digest', typed, found),
      input(
        'rhythm',
        'Frequency',
        radioButtons(
          'digest.rhythm',
          RHYTHMS,
          RHYTHMS.find(({ value }) => value === typed.rhythm),
        ),
      ),
    ],
  });
}
