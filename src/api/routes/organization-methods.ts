import type { z } from 'zod';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { listMethods } from '../../services/settlement/payment-methods.ts';
import { methodType } from '../bodies/organization-bodies.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { organizationRoute } from '../requests/organization-route.ts';
import { type Caller, json, type Route } from '../route.ts';
import { time } from '../schemas/common.ts';
import {
  bankTransferSchema,
  bankTransfersAnswer,
  creditCardSchema,
  creditCardsAnswer,
  customMethodSchema,
  customMethodsAnswer,
  methodsAnswer,
  orgMethodParams,
} from '../schemas/organization.ts';

type Listed = Awaited<ReturnType<typeof listMethods>>[number];

const TAG = 'Organization payment methods';
const METHOD = '/payment-method';

export const organizationMethodRoutes: readonly Route[] = [
  organizationRoute({
    method: 'get',
    path: '/payment-methods',
    operation: 'listOrganizationPaymentMethods',
    tag: TAG,
    summary: 'The payment methods of an organization, with their kinds',
    answers: { 200: { description: 'The payment methods', schema: methodsAnswer } },
    async run({ caller }) {
      const { ctx, accountId } = caller;
      const all = await listMethods(ctx, accountId);
      return json({
        payment_methods: all.map(({ id, method }) => ({
          payment_method_id: shownId(id),
          payment_method_type: methodType(method.kind),
        })),
      });
    },
  }),
  ...kind({
    path: 'bank-transfer',
    list: 'bank-transfers',
    operation: 'OrganizationBankTransfer',
    what: 'bank transfer',
    key: 'bank_transfers',
    answer: bankTransfersAnswer,
    schema: bankTransferSchema,
    body: (method) =>
      method.kind === 'bank_transfer' && { currency: method.currency, payment_terms_days: method.termsDays },
  }),
  ...kind({
    path: 'credit-card',
    list: 'credit-cards',
    operation: 'OrganizationCreditCard',
    what: 'credit card',
    key: 'credit_cards',
    answer: creditCardsAnswer,
    schema: creditCardSchema,
    body: (method) =>
      method.kind === 'credit_card' && {
        ...{ brand: method.brand, last4: method.last4, name: method.name },
        ...{ exp_month: method.expMonth, exp_year: method.expYear },
      },
  }),
  ...kind({
    path: 'custom',
    list: 'custom',
    operation: 'OrganizationCustomPaymentMethod',
    what: 'other payment method',
    key: 'custom_methods',
    answer: customMethodsAnswer,
    schema: customMethodSchema,
    body: (method) => (method.kind === 'disabled' || method.kind === 'no_payment_expected') && { type: method.kind },
  }),
];

/** The list of one kind of payment method, and one of them. */
function kind(of: {
  readonly path: string;
  readonly list: string;
  readonly operation: string;
  readonly what: string;
  readonly key: string;
  readonly answer: z.ZodType;
  readonly schema: z.ZodType;
  /** Its own fields; false for a method of another kind. */
  body(method: PaymentMethod): object | false;
}): readonly Route[] {
  const bodies = async ({ ctx, accountId }: Caller) =>
    (await listMethods(ctx, accountId)).flatMap((one) => {
      const own = of.body(one.method);
      return own ? [{ ...commonBody(one, accountId), ...own }] : [];
    });
  return [
    organizationRoute({
      method: 'get',
      path: `${METHOD}/${of.list}`,
      operation: `list${of.operation}s`,
      tag: TAG,
      summary: `Each ${of.what} of an organization`,
      answers: { 200: { description: `Each ${of.what}`, schema: of.answer } },
      async run({ caller }) {
        return json({ [of.key]: await bodies(caller) });
      },
    }),
    organizationRoute({
      method: 'get',
      path: `${METHOD}/${of.path}/{id}`,
      operation: `get${of.operation}`,
      tag: TAG,
      summary: `One ${of.what} of an organization`,
      params: orgMethodParams,
      answers: { 200: { description: `The ${of.what}`, schema: of.schema } },
      async run({ caller, params }) {
        const id = shownId(resolvedId('pm', params.id));
        const found = (await bodies(caller)).find((one) => one.payment_method_id === id);
        if (!found) throw apiError(404, 'payment_method_not_found', `There is no such ${of.what}.`);
        return json(found);
      },
    }),
  ];
}

function commonBody({ id, createdAt }: Listed, accountId: string) {
  return {
    payment_method_id: shownId(id),
    organization_id: shownId(accountId),
    state: 'active',
    create_time: time(createdAt),
    update_time: time(createdAt),
  };
}
