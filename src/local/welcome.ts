import { CHANNELS, PEOPLE } from './seed.ts';
import type { Introduction, Try, Welcome } from './workspace/types.ts';

const { finance, approvals, platform, general } = CHANNELS;

const TEAM_LEAD: readonly Try[] = [
  {
    title: 'See what your projects cost',
    why: 'Only the projects you lead, by project and by service.',
    ...{ command: '/billing costs mine', channel: platform.id },
  },
  {
    title: 'Find out what happened to Product Search',
    why: 'Its costs more than tripled last month. See what changed, and open the project with its leads and services.',
    ...{ command: '/billing compare search', channel: platform.id },
  },
  {
    title: 'Move a project to another billing group',
    why: 'Staging serves the live shop now. You see the cost impact on both groups before you send the request.',
    ...{ command: '/billing move staging to Production', channel: platform.id },
  },
];

const FINANCE: readonly Try[] = [
  {
    title: 'Match a bank statement',
    why: 'Four payments have come in. The app proposes the invoices they pay, and you confirm each.',
    ...{ command: '/billing payments', channel: finance.id },
  },
  {
    title: 'See who owes you money',
    why: 'Open invoices by age, the longest overdue first. One of them has been paid in part.',
    ...{ command: '/billing aging', channel: finance.id },
  },
  {
    title: 'Check the next close',
    why: 'What it would issue as of today, and what would hold an invoice back.',
    ...{ command: '/billing dry-run', channel: finance.id },
  },
];

const APPROVER: readonly Try[] = [
  {
    title: 'Decide a move',
    why: 'Max wants to move Load Test Lab to Production. Compare both groups’ costs, then approve or reject it.',
    ...{ command: '/billing requests', channel: approvals.id },
  },
  {
    title: 'Look at the group that would pay',
    why: 'Production’s costs over twelve months, its projects, invoices and credits.',
    ...{ command: '/billing group Production', channel: approvals.id },
  },
  {
    title: 'Check the budgets',
    why: 'Development has already spent this month’s budget.',
    ...{ command: '/billing budget', channel: approvals.id },
  },
];

const OWNER: readonly Try[] = [
  {
    title: 'See everything at a glance',
    why: 'Five billing groups, their costs so far and their budgets.',
    ...{ command: '/billing groups', channel: finance.id },
  },
  {
    title: 'Preview a customer’s next invoice',
    why: 'Fjord Logistics in Sweden: a discount, a support fee, and VAT under reverse charge.',
    ...{ command: '/billing preview Fjord Logistics', channel: finance.id },
  },
  {
    title: 'Check the event log',
    why: 'Every change of the last year is an entry in a tamper-evident log. This verifies the whole chain.',
    ...{ command: '/billing verify', channel: finance.id },
  },
];

const VIEWER: readonly Try[] = [
  {
    title: 'See what your customers’ projects cost',
    why: 'The projects of Fjord Logistics and Lakeside Outfitters, which you lead.',
    ...{ command: '/billing costs mine', channel: general.id },
  },
  {
    title: 'Look at a customer',
    why: 'Lakeside Outfitters pays in US dollars: see the exchange rate on its invoices.',
    ...{ command: '/billing group Lakeside Outfitters', channel: general.id },
  },
  {
    title: 'Get a weekly digest',
    why: 'Total, change and biggest movers of the projects you lead, by direct message.',
    ...{ command: '/billing digest', channel: general.id },
  },
];

const lead = (what: string): Introduction => ({
  who: `You lead ${what}. As a member of the account, you see everything in it and can request moves.`,
  tries: TEAM_LEAD,
});

/** What a newcomer to local mode sees first. */
export const WELCOME: Welcome = {
  title: 'Welcome to Billing groups',
  about: [
    'The Billing groups app splits, explains and invoices the costs of many projects, inside Slack. This is a Slack workspace on your machine with the real app installed. Everything works as it does in Slack, and nothing leaves your machine.',
    'Acme is a made-up company with a year of cloud costs from five providers, invoices, payments and credits. Two smaller accounts, Brightwater and Hoshino, use other currencies and time zones.',
  ],
  people: {
    [PEOPLE.owner.id]: {
      who: 'You own the account Acme: you choose its members and settings, and can do everything in it.',
      tries: OWNER,
    },
    [PEOPLE.finance.id]: {
      who: 'You take care of invoices and payments, as a billing admin in Berlin.',
      tries: FINANCE,
    },
    [PEOPLE.approver.id]: {
      who: 'You approve moves of projects between billing groups, from New York.',
      tries: APPROVER,
    },
    [PEOPLE.member.id]: lead(
      'Product Search, Staging and two other projects, and some together with the platform team',
    ),
    [PEOPLE.shopLead.id]: lead('the web shop, its checkout and its recommendations'),
    [PEOPLE.dataLead.id]: lead('the data platform'),
    [PEOPLE.customerLead.id]: {
      who: 'You look after two customers. As a viewer of the account, you see everything in it and change nothing.',
      tries: VIEWER,
    },
  },
};
