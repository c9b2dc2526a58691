import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { ADJUSTMENT_KINDS, type AdjustmentKind, DESCRIPTION_LIMIT } from '../../src/billing/invoice/adjustment.ts';
import { adjustmentText, createAdjustment, type NewAdjustment } from '../../src/services/invoicing/adjustments.ts';
import { rehearsed } from '../../src/services/kit/account-change.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { type Found, foundByIds } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction } from '../../src/slack/app/listeners.ts';
import { type Choice, externalSelect, input, staticSelect, textInput } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import { checkKept } from '../../src/slack/requests/kept-state.ts';
import { foundChoice } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf, parseWith } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';
import { groupChosen, onGroupMenu, onProjectMenu } from '../kit/search-menus.ts';
import { typedText } from '../kit/typed-fields.ts';
import { ADJUSTMENT_ADD, KIND_NAMES, readListPlace } from './adjustment-place.ts';
import { adjustmentsModal } from './adjustments.ts';

const FORM = 'adjustment.create';
const GROUP = 'adjustment.create.group';
const PROJECT = 'adjustment.create.project';

const ONCE: Choice = { text: 'One-time, in the first month', value: 'once' };
const MONTHLY: Choice = { text: 'Every month', value: 'monthly' };

const typedSchema = z.object({
  group: z.string('Choose the billing group.'),
  description: typedText,
  value: typedText,
  project: z.string().nullable().default(null),
  service: typedText.default(''),
  often: z.string().nullable().default(null),
  from: typedText,
  until: typedText.default(''),
});
type Typed = z.infer<typeof typedSchema>;
type TextField = 'description' | 'value' | 'service' | 'from' | 'until';
const OPTIONAL: readonly TextField[] = ['service', 'from', 'until'];

const VALUE_HINTS: Readonly<Record<AdjustmentKind, string>> = {
  discount: 'A percentage, such as 10%, or a monthly amount in the group’s currency, such as 50.00.',
  charge: 'In the group’s currency, such as 50.00.',
  commitment: 'The minimum for each month, before credits and tax, in the group’s currency.',
};

/** The form for a discount, an extra charge or a commitment, opened from its list. */
export function registerAdjustmentForm(app: SlackApp, deps: Deps): void {
  onAction(app, ADJUSTMENT_ADD, async (request, action) => {
    const { account, group, kind } = readListPlace(action.value);
    await openForm(request, KIND_NAMES[kind].form, async () => {
      const more = { kind, ...(action.view && { list: action.view.id, listGroup: group }) };
      return form(contextOf(deps, request), originOf(request, { account, group, more }), group === '' ? {} : { group });
    });
  });
  onGroupMenu(app, deps, GROUP);
  onProjectMenu(app, deps, PROJECT, groupChosen);
  onForm<Typed>(app, deps, FORM, {
    title: (origin) => KIND_NAMES[kindOf(origin)].form,
    parse: parseWith(typedSchema, 'group'),
    again: (typed, origin, fault, ctx) => form(ctx, origin, typed, fault),
    confirm: {
      kept: typedSchema,
      submit: (origin) => `Add ${KIND_NAMES[kindOf(origin)].one}`,
      async text(ctx, typed, origin) {
        const { kind, ...made } = await rehearsed(ctx, (dry) => createAdjustment(dry, adjustmentIn(typed, origin)));
        const what = `${kind === 'charge' ? 'an' : 'a'} ${KIND_NAMES[kind].one}`;
        const terms = escapeMrkdwn(adjustmentText({ kind, ...made }));
        return `You’re about to add ${what} to *${escapeMrkdwn(made.billingGroupName)}*: *${terms}*.`;
      },
      back: (typed, origin, ctx) => form(ctx, origin, typed),
    },
    async work(ctx, typed, origin, request) {
      const made = await createAdjustment(ctx, adjustmentIn(typed, origin));
      if (origin.more.list !== undefined) {
        const place = { account: origin.account, group: origin.more.listGroup ?? '', kind: made.kind, page: 1 };
        const view = await adjustmentsModal(ctx, place);
        await request.client.views.update({ view_id: origin.more.list, view });
      }
      return `*${escapeMrkdwn(made.billingGroupName)}*: ${escapeMrkdwn(adjustmentText(made))}.`;
    },
  });
}

/** `10 %` is a percentage, anything else an amount. */
function adjustmentIn(
  { group, value, description, project, service, often, from, until }: Typed,
  origin: Origin,
): NewAdjustment {
  const kind = kindOf(origin);
  const isPercentage = kind === 'discount' && value.includes('%');
  return {
    ...{ accountId: origin.account, billingGroupId: group, kind, description },
    ...(isPercentage ? { percentage: value } : { amount: value }),
    ...(project !== null && { projectId: project }),
    ...(service !== '' && { serviceName: service }),
    ...(often === MONTHLY.value && { isMonthly: true }),
    ...(from !== '' && { from }),
    ...(until !== '' && { until }),
  };
}

async function form(ctx: Ctx, origin: Origin, filled: Partial<Typed>, fault?: string): Promise<ModalView> {
  const kind = kindOf(origin);
  const found = await foundByIds(ctx, origin.account, {
    groups: filled.group === undefined ? [] : [filled.group],
    projects: filled.project ? [filled.project] : [],
  });
  return formModal({
    title: KIND_NAMES[kind].form,
    callbackId: FORM,
    submit: `Review ${KIND_NAMES[kind].one}`,
    close: 'Cancel',
    origin,
    fault,
    blocks: fieldsOf(kind, filled, found.groups[0], found.projects[0]),
  });
}

function fieldsOf(
  kind: AdjustmentKind,
  filled: Partial<Typed>,
  group: Found | undefined,
  project: Found | undefined,
): KnownBlock[] {
  const field = (id: TextField, label: string, hint: string, more: { maxLength: number; placeholder?: string }) =>
    input(id, label, textInput(`adjustment.create.${id}`, { initial: filled[id], ...more }), {
      hint,
      ...(OPTIONAL.includes(id) && { optional: true }),
    });
  const month = { maxLength: 7, placeholder: '2026-10' };
  const initial = (found: Found | undefined) => (found ? { initial: foundChoice(found) } : {});
  const projectField = input('project', 'Project', externalSelect(PROJECT, initial(project)), {
    optional: true,
    hint: 'Leave empty for the whole group.',
  });
  const often = staticSelect('adjustment.create.often', [ONCE, MONTHLY], {
    initial: filled.often === MONTHLY.value ? MONTHLY : ONCE,
  });
  const serviceHint = 'The service’s name as shown on invoice lines. Leave empty for every service.';
  return [
    input('group', 'Billing group', externalSelect(GROUP, initial(group))),
    field('description', 'Description', 'Printed on the invoice.', { maxLength: DESCRIPTION_LIMIT }),
    field('value', kind === 'commitment' ? 'Minimum a month' : 'Amount', VALUE_HINTS[kind], { maxLength: 24 }),
    ...(kind === 'commitment' ? [] : [projectField]),
    ...(kind === 'discount' ? [field('service', 'Service', serviceHint, { maxLength: 255 })] : []),
    ...(kind === 'charge' ? [input('often', 'Frequency', often)] : []),
    field('from', 'First month', 'Leave empty for the group’s open month.', month),
    field('until', 'Last month', 'Leave empty for no end.', month),
  ];
}

function kindOf(origin: Origin): AdjustmentKind {
  return checkKept(z.enum(ADJUSTMENT_KINDS), origin.more.kind);
}
