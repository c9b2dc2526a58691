import type { KnownBlock, ModalView } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import { methodName, PAYMENT_KINDS, type PaymentMethod } from '../../src/billing/group/payment-method.ts';
import { entering } from '../../src/services/access/rights.ts';
import { billingOf } from '../../src/services/groups/billing-information.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { beginCardSetup } from '../../src/services/settlement/card-setups.ts';
import {
  changeMethod,
  createMethod,
  deleteMethod,
  listMethods,
  type MethodSummary,
  type NewMethod,
  setMethod,
} from '../../src/services/settlement/payment-methods.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  actions,
  button,
  type Choice,
  context,
  externalSelect,
  input,
  loading,
  modal,
  numberInput,
  radioButtons,
  section,
  staticSelect,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { currencyChoice, currencyChoices } from '../kit/choices.ts';
import { formModal, onForm, openForm, originOf } from '../kit/form.ts';
import { PAYMENT_LIST_OPEN } from '../kit/open-actions.ts';
import type { Origin } from '../kit/origin.ts';
import { PAYMENT_CHOOSE } from './billing.ts';

const TITLE = 'Payment methods';
const METHOD_TITLE = 'Payment method';
const CREATE = 'payment.create.open';
const ADD_CARD = 'payment.card.open';
const CARD_PAGE = 'payment.card.page';
const EDIT = 'payment.edit.open';
const DELETE = 'payment.delete';
const FORM = 'payment.method';
const CURRENCY = 'payment.currency';
const CHOOSE_FORM = 'payment.choose';
const USUAL: Choice = { text: 'Default terms: bank transfer within 14 days', value: 'usual' };
const KIND_NAMES: Readonly<Record<PaymentMethod['kind'], string>> = {
  bank_transfer: 'Bank transfer',
  credit_card: 'Credit card',
  no_payment_expected: 'No payment expected',
  disabled: 'Disabled: no payments',
};
/** Cards come from their provider, so they can't be chosen here. */
const KINDS: readonly Choice[] = PAYMENT_KINDS.filter((kind) => kind !== 'credit_card').map((kind) => ({
  text: KIND_NAMES[kind],
  value: kind,
}));
const CARDS = 'Add cards on the payment provider’s page. Never type a card number here.';

/** What was typed, before validation. */
interface Typed {
  readonly kind: string;
  readonly currency: string;
  readonly termsDays: string;
}

/** The account's payment methods, the forms that create and change them, and the form that chooses a group's. */
export function registerPaymentMethods(app: SlackApp, deps: Deps): void {
  onAction(app, PAYMENT_LIST_OPEN, async (request, action) => {
    const opened = await request.openModal(loading(TITLE));
    await opened.update(await listModal(contextOf(deps, request), readTarget(action.value).account));
  });
  onAction(app, CREATE, (request, action) =>
    openForm(request, METHOD_TITLE, async () => {
      const { account } = readTarget(action.value);
      const { known } = await entering(contextOf(deps, request), account);
      const list = action.view?.id ?? '';
      const typed = { kind: 'bank_transfer', currency: known.account.currency, termsDays: '14' };
      return methodForm(originOf(request, { account, more: { list } }), typed);
    }),
  );
  onAction(app, EDIT, (request, action) =>
    openForm(request, METHOD_TITLE, async () => {
      const { account, method: id } = readTarget(action.value);
      const found = (await listMethods(contextOf(deps, request), account)).find((one) => one.id === id);
      const list = action.view?.id ?? '';
      return methodForm(originOf(request, { account, more: { list, method: id } }), typedOf(found?.method));
    }),
  );
  onAction(app, DELETE, async (request, action) => {
    const { account, method } = readTarget(action.value);
    const ctx = contextOf(deps, request);
    await deleteMethod(ctx, account, method);
    if (action.view) await showList(request, ctx, account, action.view.id);
  });
  onAction(app, ADD_CARD, async (request, action) => {
    const opened = await request.openModal(loading('Add a card'));
    const { account } = readTarget(action.value);
    await opened.update(cardModal(await beginCardSetup(contextOf(deps, request), deps.cards, account)));
  });
  // Slack reports the click on a link button too
  onAction(app, CARD_PAGE, async () => undefined);
  onOptions(app, CURRENCY, async (_request, { typed }) => currencyChoices(typed));
  onForm<Typed>(app, deps, FORM, {
    title: METHOD_TITLE,
    parse: (values) => ({ ok: readTyped(values) }),
    again: (typed, origin, fault) => methodForm(origin, typed, fault),
    async work(ctx, typed, { account, more }, request) {
      const method = toMethod(typed);
      if (more.method === undefined) await createMethod(ctx, account, method);
      else await changeMethod(ctx, account, more.method, method);
      if (more.list !== undefined && more.list !== '') await showList(request, ctx, account, more.list);
      return 'Saved.';
    },
  });
  registerChoice(app, deps);
}

/** Chooses which of the account's methods a group pays with. */
function registerChoice(app: SlackApp, deps: Deps): void {
  onAction(app, PAYMENT_CHOOSE, (request, action) =>
    openForm(request, METHOD_TITLE, async () => {
      const { account, group } = readTarget(action.value);
      const ctx = await entering(contextOf(deps, request), account);
      const { paymentMethodId } = await billingOf(ctx, account, group);
      return choiceForm(ctx, originOf(request, { account, group }, action.view), paymentMethodId);
    }),
  );
  onForm<string>(app, deps, CHOOSE_FORM, {
    title: METHOD_TITLE,
    parse: ({ method }) =>
      typeof method === 'string' ? { ok: method } : { errors: { method: 'Choose a payment method.' } },
    again: (chosen, origin, fault, ctx) => choiceForm(ctx, origin, chosen === USUAL.value ? null : chosen, fault),
    async work(ctx, chosen, { account, group }) {
      const paymentMethodId = chosen === USUAL.value ? null : chosen;
      await setMethod(ctx, { accountId: account, billingGroupId: group, paymentMethodId });
      return 'Saved. It applies to all invoices from now on.';
    },
  });
}

/** The link to the provider's page: a card entered there is added automatically. */
function cardModal(url: string): ModalView {
  return modal({
    title: 'Add a card',
    close: 'Done',
    blocks: [
      section('Enter the card on the payment provider’s page. Its number never reaches this app.'),
      actions([button('Open payment page', CARD_PAGE, { url, style: 'primary' })]),
      context(
        'The page is valid for one day. The card appears in the payment methods about a minute after you submit it.',
      ),
    ],
  });
}

async function showList(request: RequestContext, ctx: Ctx, account: string, viewId: string): Promise<void> {
  await request.client.views.update({ view_id: viewId, view: await listModal(ctx, account) });
}

async function listModal(plain: Ctx, account: string): Promise<ModalView> {
  const ctx = await entering(plain, account);
  const methods = await listMethods(ctx, account);
  const { role } = ctx.known;
  const mayEdit = role === null || may(role, 'edit_groups');
  const value = target({ account });
  const create = actions([
    button('New payment method', CREATE, { value, style: 'primary' }),
    ...(ctx.chargesCards ? [button('Add a card', ADD_CARD, { value })] : []),
  ]);
  const blocks: KnownBlock[] = [
    ...(mayEdit ? [create] : []),
    ...(methods.length === 0
      ? [section('No payment methods yet. All groups pay by bank transfer within 14 days.')]
      : []),
    ...methods.slice(0, 45).flatMap((method) => methodBlocks(account, method, mayEdit)),
    context(CARDS),
  ];
  return modal({ title: TITLE, blocks });
}

function methodBlocks(account: string, { id, method, groups }: MethodSummary, mayEdit: boolean): KnownBlock[] {
  const names = groups.slice(0, 5).map(({ name }) => escapeMrkdwn(name));
  const more = groups.length > names.length ? ` and ${groups.length - names.length} more` : '';
  const users = groups.length === 0 ? 'not used' : `used by ${names.join(', ')}${more}`;
  const text = section(`*${escapeMrkdwn(methodName(method))}*\n${users}`);
  if (!mayEdit) return [text];
  const value = target({ account, method: id });
  const confirm = {
    title: 'Delete payment method?',
    text: 'No group uses it.',
    confirm: 'Delete method',
    danger: true,
  };
  return [
    text,
    actions([
      ...(method.kind === 'credit_card' ? [] : [button('Change method', EDIT, { value })]),
      button('Delete method', DELETE, { value, style: 'danger', confirm }),
    ]),
  ];
}

function methodForm(origin: Origin, typed: Typed, fault?: string): ModalView {
  return formModal({
    title: METHOD_TITLE,
    callbackId: FORM,
    submit: 'Save',
    origin,
    fault,
    blocks: [
      input(
        'kind',
        'Type',
        radioButtons('payment.kind', KINDS, KINDS.find(({ value }) => value === typed.kind) ?? KINDS[0]),
      ),
      input(
        'currency',
        'Bank account currency',
        externalSelect(CURRENCY, typed.currency === '' ? {} : { initial: currencyChoice(typed.currency) }),
        {
          optional: true,
          hint: 'Only for bank transfers.',
        },
      ),
      input(
        'termsDays',
        'Payment terms in days',
        numberInput('payment.terms', { decimal: false, ...(typed.termsDays !== '' && { initial: typed.termsDays }) }),
        {
          optional: true,
          hint: 'Only for bank transfers. Counted from the date of issue.',
        },
      ),
      context(CARDS),
    ],
  });
}

async function choiceForm(ctx: Ctx, origin: Origin, chosen: string | null, fault?: string): Promise<ModalView> {
  const methods = await listMethods(ctx, origin.account);
  const choices = [
    USUAL,
    ...methods.slice(0, 99).map(({ id, method }): Choice => ({ text: methodName(method), value: id })),
  ];
  const initial = choices.find(({ value }) => value === (chosen ?? USUAL.value)) ?? USUAL;
  return formModal({
    title: METHOD_TITLE,
    callbackId: CHOOSE_FORM,
    submit: 'Save',
    origin,
    fault,
    blocks: [
      input('method', 'Payment method for this group', staticSelect('payment.choose.method', choices, { initial })),
      actions([button('All payment methods', PAYMENT_LIST_OPEN, { value: target({ account: origin.account }) })]),
    ],
  });
}

function typedOf(method: PaymentMethod | undefined): Typed {
  if (method?.kind === 'bank_transfer') {
    return { kind: method.kind, currency: method.currency, termsDays: String(method.termsDays) };
  }
  return { kind: method?.kind ?? 'bank_transfer', currency: '', termsDays: '' };
}

function readTyped(values: FormValues): Typed {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  return { kind: text('kind') || 'bank_transfer', currency: text('currency'), termsDays: text('termsDays') };
}

/** The service validates it, so that errors come from one place. */
function toMethod({ kind, currency, termsDays }: Typed): NewMethod {
  if (kind === 'no_payment_expected' || kind === 'disabled') return { kind };
  return { kind: 'bank_transfer', currency, ...(termsDays !== '' && { termsDays: Number(termsDays) }) };
}
