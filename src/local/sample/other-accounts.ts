import { PEOPLE } from '../seed.ts';
import type { PlannedAccount, Provider } from './plan.ts';

const { owner, finance, approver, member } = PEOPLE;

const US_CLOUD: Provider = {
  name: 'AWS',
  issuer: 'Amazon Web Services, Inc.',
  billingAccount: { id: '730294418855', name: 'Brightwater' },
  region: { id: 'us-east-1', name: 'US East (N. Virginia)' },
};
const TOKYO_CLOUD: Provider = {
  name: 'Google Cloud',
  issuer: 'Google Cloud Japan G.K.',
  billingAccount: { id: '0194EE-71BC20-5D83A1', name: 'Hoshino' },
  region: { id: 'asia-northeast1', name: 'Tokyo' },
};

/** An American account with a few months. */
export const BRIGHTWATER: PlannedAccount = {
  name: 'Brightwater',
  timeZone: 'America/New_York',
  currency: 'USD',
  since: 3,
  members: { [owner.id]: 'owner', [finance.id]: 'billing_admin', [member.id]: 'approver' },
  groups: [
    { name: 'Stores', environment: 'prod' },
    { name: 'Warehouses', environment: 'prod' },
  ],
  projects: [
    {
      ...{ id: '284410937712', name: 'point-of-sale', label: 'Point of Sale', group: 'Stores' },
      ...{ provider: US_CLOUD, growth: '1.02', leads: { users: [member.id] } },
      services: [
        { name: 'Amazon Elastic Container Service', category: 'Compute', amount: '845.20' },
        { name: 'Amazon Aurora', category: 'Databases', amount: '391.75' },
      ],
    },
    {
      ...{ id: '284410937729', name: 'loyalty-program', label: 'Loyalty Program', group: 'Stores' },
      ...{ provider: US_CLOUD, growth: '1.05', leads: {} },
      services: [{ name: 'AWS Lambda', category: 'Compute', amount: '118.40' }],
    },
    {
      ...{ id: '284410937736', name: 'stock-counter', label: 'Stock Counter', group: 'Warehouses' },
      ...{ provider: US_CLOUD, growth: '1', leads: {} },
      services: [{ name: 'AWS IoT Core', category: 'Integration', amount: '262.90' }],
    },
  ],
};

/** A Japanese account, in a currency without decimals. */
export const HOSHINO: PlannedAccount = {
  name: 'Hoshino',
  timeZone: 'Asia/Tokyo',
  currency: 'JPY',
  since: 2,
  members: { [owner.id]: 'owner', [finance.id]: 'owner', [approver.id]: 'viewer' },
  groups: [{ name: 'Arcade', environment: 'prod' }],
  projects: [
    {
      ...{ id: 'hoshino-matchmaking', name: 'matchmaking', label: 'Matchmaking', group: 'Arcade' },
      ...{ provider: TOKYO_CLOUD, growth: '1.06', leads: {} },
      services: [
        { name: 'Google Kubernetes Engine', category: 'Compute', amount: '182400' },
        { name: 'Memorystore', category: 'Databases', amount: '41250' },
      ],
    },
    {
      ...{ id: 'hoshino-replays', name: 'replay-archive', label: 'Replay Archive', group: 'Arcade' },
      ...{ provider: TOKYO_CLOUD, growth: '1.03', leads: {} },
      services: [{ name: 'Cloud Storage', category: 'Storage', amount: '28730' }],
    },
  ],
};
