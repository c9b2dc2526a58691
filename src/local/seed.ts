import type { Role } from '../billing/account/role.ts';

/** The people and channels in a new local workspace. */
export const TEAM = { id: 'T0LOCAL', name: 'Acme (local)', domain: 'acme-local' } as const;

interface LocalPerson {
  readonly id: string;
  readonly name: string;
  readonly real_name: string;
  readonly title: string;
  readonly tz: string;
  /** In the first account. */
  readonly role: Role;
  /** Of the Slack workspace. */
  readonly is_owner?: boolean;
}

/** The first four are those whose day can be tried out; the others lead projects. */
export const PEOPLE = {
  owner: {
    id: 'U0OLIVIA',
    name: 'olivia',
    real_name: 'Olivia Brandt',
    title: 'Owner',
    tz: 'Europe/Berlin',
    role: 'owner',
    is_owner: true,
  },
  finance: {
    id: 'U0FINN',
    name: 'finn',
    real_name: 'Finn Keller',
    title: 'Finance (billing admin)',
    tz: 'Europe/Berlin',
    role: 'billing_admin',
  },
  approver: {
    id: 'U0AVA',
    name: 'ava',
    real_name: 'Ava Morales',
    title: 'Approver',
    tz: 'America/New_York',
    role: 'approver',
  },
  member: {
    id: 'U0MAX',
    name: 'max',
    real_name: 'Max Tanaka',
    title: 'Team lead (member)',
    tz: 'Asia/Tokyo',
    role: 'member',
  },
  shopLead: {
    id: 'U0PRIYA',
    name: 'priya',
    real_name: 'Priya Nair',
    title: 'Leads the web shop (member)',
    tz: 'Europe/London',
    role: 'member',
  },
  dataLead: {
    id: 'U0JONAS',
    name: 'jonas',
    real_name: 'Jonas Weber',
    title: 'Leads the data platform (member)',
    tz: 'Europe/Berlin',
    role: 'member',
  },
  customerLead: {
    id: 'U0SOFIA',
    name: 'sofia',
    real_name: 'Sofia Lindqvist',
    title: 'Looks after customers (viewer)',
    tz: 'Europe/Stockholm',
    role: 'viewer',
  },
} as const satisfies Record<string, LocalPerson>;

export const USER_GROUPS = {
  finance: {
    id: 'S0FINTEAM',
    handle: 'finance-team',
    name: 'Finance team',
    users: [PEOPLE.finance.id, PEOPLE.approver.id],
  },
  platform: {
    id: 'S0PLATFORM',
    handle: 'platform-team',
    name: 'Platform team',
    users: [PEOPLE.member.id, PEOPLE.dataLead.id],
  },
} as const;

export const CHANNELS = {
  finance: { id: 'C0FINANCE', name: 'finance' },
  approvals: { id: 'C0APPROVALS', name: 'billing-approvals' },
  platform: { id: 'C0PLATFORM', name: 'platform' },
  general: { id: 'C0GENERAL', name: 'general' },
} as const;
