import { listMethods } from '../../services/settlement/payment-methods.ts';
import { accountBody, membershipBody, organizationBody } from '../bodies/account-bodies.ts';
import { allProjects } from '../bodies/account-projects.ts';
import { cardBody } from '../bodies/group-body.ts';
import { organizationRoute } from '../requests/organization-route.ts';
import { assertOwn } from '../requests/own-account.ts';
import { callerIn, json, type Route, route } from '../route.ts';
import { accountAnswer, accountParams, accountsAnswer, cardsAnswer, userAnswer } from '../schemas/accounts.ts';
import { time } from '../schemas/common.ts';
import { organizationSchema, organizationsAnswer } from '../schemas/organization.ts';

const TAG = 'Accounts';

export const accountRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/account',
    operation: 'listAccounts',
    tag: TAG,
    summary: 'The token’s account, as a list',
    access: 'billing:read',
    answers: { 200: { description: 'The account', schema: accountsAnswer } },
    async run(sent) {
      return json({ accounts: [accountBody(callerIn(sent).ctx.known.account)] });
    },
  }),
  route({
    method: 'get',
    path: '/account/{account_id}',
    operation: 'getAccount',
    tag: TAG,
    summary: 'The token’s account',
    access: 'billing:read',
    params: accountParams,
    answers: { 200: { description: 'The account', schema: accountAnswer } },
    async run({ params, ...sent }) {
      const caller = callerIn(sent);
      assertOwn(caller, params.account_id);
      return json({ account: accountBody(caller.ctx.known.account) });
    },
  }),
  route({
    method: 'get',
    path: '/organizations',
    operation: 'listOrganizations',
    tag: TAG,
    summary: 'The token’s account as an organization, as a list',
    access: 'billing:read',
    answers: { 200: { description: 'The organization', schema: organizationsAnswer } },
    async run(sent) {
      return json({ organizations: [organizationBody(callerIn(sent).ctx.known.account)] });
    },
  }),
  organizationRoute({
    method: 'get',
    path: '',
    operation: 'getOrganization',
    tag: TAG,
    summary: 'The token’s account as an organization',
    answers: { 200: { description: 'The organization', schema: organizationSchema } },
    async run({ caller }) {
      return json(organizationBody(caller.ctx.known.account));
    },
  }),
  route({
    method: 'get',
    path: '/me',
    operation: 'getUser',
    tag: TAG,
    summary: 'The token, as published clients expect a user',
    access: 'billing:read',
    answers: { 200: { description: 'The token', schema: userAnswer } },
    async run(sent) {
      const caller = callerIn(sent);
      const { actor, known } = caller.ctx;
      if (actor.kind !== 'token') throw new Error('The caller is a token');
      const projects = (await allProjects(caller)).map(({ name }) => name);
      const user = {
        ...{ user: actor.name, user_id: actor.tokenId, real_name: actor.name },
        ...{ state: 'active', tenant: 'default', auth: ['token'], invitations: [], projects },
        token_validity_begin: time(known.account.createdAt),
        ...membershipBody(caller, projects),
      };
      return json({ user });
    },
  }),
  route({
    method: 'get',
    path: '/card',
    operation: 'listCards',
    tag: TAG,
    summary: 'The account’s credit cards',
    access: 'billing:read',
    answers: { 200: { description: 'The cards', schema: cardsAnswer } },
    async run(sent) {
      const { ctx, accountId } = callerIn(sent);
      return json({ cards: (await listMethods(ctx, accountId)).flatMap((one) => cardBody(one) ?? []) });
    },
  }),
];
