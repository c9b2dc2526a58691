import type { Role } from '../billing/account/role.ts';

/** The people and channels in a new local workspace. */
export const TEAM = { id: 'T0LOCAL', name: 'Acme (local)', domain: 'acme-local' } as const;

interface LocalPerson {
  readonly id: string;
  readonly name: string;
  readonly real_name: string;
  readonly title: string;
  readonly tz: string;
  readonly role: Role;
  /** Of the Slack workspace. */
  readonly is_owner?: boolean;
}

export const PEOPLE = {
  owner: {
    id: 'U0OLIVIA',
    name: 'olivia',
    real_name: 'Olivia Owner',
    title: 'Owner',
    tz: 'Europe/Berlin',
    role: 'owner',
    is_owner: true,
  },
  finance: {
    id: 'U0FINN',
    name: 'finn',
    real_name: 'Finn Finance',
    title: 'Finance (billing admin)',
    tz: 'Europe/Berlin',
    role: 'billing_admin',
  },
  approver: {
    id: 'U0AVA',
    name: 'ava',
    real_name: 'Ava Approver',
    title: 'Approver',
    tz: 'America/New_York',
    role: 'approver',
  },
  member: {
    id: 'U0MAX',
    name: 'max',
    real_name: 'Max Member',
    title: 'Team lead (member)',
    tz: 'Asia/Tokyo',
    role: 'member',
  },
} as const satisfies Record<string, LocalPerson>;

export const USER_GROUPS = {
  finance: {
    id: 'S0FINTEAM',
    handle: 'finance-team',
    name: 'Finance team',
    users: [PEOPLE.finance.id, PEOPLE.approver.id],
  },
} as const;

export const CHANNELS = {
  finance: { id: 'C0FINANCE', name: 'finance' },
  general: { id: 'C0GENERAL', name: 'general' },
} as const;
