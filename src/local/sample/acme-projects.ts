import { PEOPLE, USER_GROUPS } from '../seed.ts';
import type { PlannedProject, Provider } from './plan.ts';

const AWS: Provider = {
  name: 'AWS',
  issuer: 'Amazon Web Services EMEA SARL',
  billingAccount: { id: '619204437718', name: 'Acme' },
  region: { id: 'eu-central-1', name: 'Europe (Frankfurt)' },
};
const GOOGLE: Provider = {
  name: 'Google Cloud',
  issuer: 'Google Cloud EMEA Limited',
  billingAccount: { id: '01B7F2-4C90DA-88E3F1', name: 'Acme Billing' },
  region: { id: 'europe-west3', name: 'Frankfurt' },
};
const AZURE: Provider = {
  name: 'Microsoft',
  issuer: 'Microsoft Ireland Operations Limited',
  billingAccount: { id: 'E8841920', name: 'Acme Cloud Services' },
  region: { id: 'germanywestcentral', name: 'Germany West Central' },
};
const HETZNER: Provider = {
  name: 'Hetzner',
  issuer: 'Hetzner Online GmbH',
  billingAccount: { id: 'K0771205938', name: 'Acme' },
  region: { id: 'nbg1', name: 'Nuremberg' },
};
const DATADOG: Provider = {
  name: 'Datadog',
  issuer: 'Datadog, Inc.',
  billingAccount: { id: 'dd-acme-eu1', name: 'Acme EU' },
  region: { id: 'eu1', name: 'EU1' },
};

const { member, shopLead, dataLead, customerLead } = PEOPLE;
const MAX = { users: [member.id] };
const PRIYA = { users: [shopLead.id] };
const PLATFORM = { userGroups: [USER_GROUPS.platform.id] };
const SOFIA = { users: [customerLead.id] };

/** What Acme pays for, with twelve months that differ: see the exceptions, `since` and `growth`. */
export const ACME_PROJECTS: readonly PlannedProject[] = [
  {
    ...{ id: '481920375566', name: 'web-shop', label: 'Web Shop', group: 'Production' },
    ...{ provider: AWS, growth: '1.035', leads: PRIYA },
    services: [
      { name: 'Amazon Elastic Compute Cloud', category: 'Compute', amount: '1184.37' },
      { name: 'Amazon Relational Database Service', category: 'Databases', amount: '642.18' },
      { name: 'Amazon CloudFront', category: 'Networking', amount: '311.06' },
    ],
  },
  {
    ...{ id: '481920375573', name: 'checkout', label: 'Checkout', group: 'Production' },
    ...{ provider: AWS, growth: '1.02', leads: PRIYA },
    services: [
      { name: 'Amazon Elastic Container Service', category: 'Compute', amount: '418.92' },
      { name: 'Amazon DynamoDB', category: 'Databases', amount: '183.44' },
    ],
    exceptions: [{ ago: 4, refund: { amount: '264.50', description: 'Refund for the outage in eu-central-1' } }],
    // tasks that fail and are started again
    surge: {
      ...{ service: 'Amazon Elastic Container Service', daysAgo: 5, amount: '48.60' },
      description: 'Fargate tasks of checkout-canary',
      region: { id: 'eu-west-1', name: 'Europe (Ireland)' },
    },
  },
  {
    ...{ id: '481920375580', name: 'search', label: 'Product Search', group: 'Production' },
    ...{ provider: AWS, growth: '1.01', leads: MAX },
    services: [{ name: 'Amazon OpenSearch Service', category: 'Analytics', amount: '523.61' }],
    // everything was indexed again
    exceptions: [{ ago: 1, times: '3.4', days: { from: 9, until: 16 } }],
  },
  {
    ...{ id: 'acme-mobile-gw', name: 'mobile-gateway', label: 'Mobile Gateway', group: 'Production' },
    ...{ provider: GOOGLE, growth: '1.045', leads: MAX },
    services: [
      { name: 'Cloud Run', category: 'Compute', amount: '257.73' },
      { name: 'Cloud Load Balancing', category: 'Networking', amount: '71.20' },
    ],
  },
  {
    ...{ id: 'acme-recommendations', name: 'recommendations', label: 'Recommendations', group: 'Production' },
    ...{ provider: GOOGLE, growth: '1.015', leads: PRIYA },
    services: [
      { name: 'Memorystore', category: 'Databases', amount: '124.88' },
      { name: 'Vertex AI', category: 'AI and Machine Learning', amount: '538.40', since: 3 },
    ],
  },
  {
    ...{ id: 'dd-org-40418', name: 'observability', label: 'Observability', group: 'Production' },
    ...{ provider: DATADOG, growth: '1.01', leads: PLATFORM },
    services: [
      { name: 'Infrastructure Monitoring', category: 'Management and Governance', amount: '382.15' },
      {
        ...{ name: 'Log Management', category: 'Management and Governance', amount: '239.67' },
        monthly: { share: '0.35', on: 'last day', description: 'Log retention of the month' },
      },
    ],
  },
  {
    ...{ id: 'hz-project-88217', name: 'build-farm', label: 'Build Farm', group: 'Development' },
    ...{ provider: HETZNER, growth: '1.005', leads: PLATFORM },
    services: [
      { name: 'Cloud Servers', category: 'Compute', amount: '209.79' },
      { name: 'Volumes', category: 'Storage', amount: '34.56' },
    ],
  },
  {
    ...{ id: '481920375597', name: 'staging', label: 'Staging', group: 'Development' },
    ...{ provider: AWS, growth: '1', leads: MAX },
    services: [
      { name: 'Amazon Elastic Compute Cloud', category: 'Compute', amount: '161.03' },
      { name: 'Amazon Relational Database Service', category: 'Databases', amount: '84.90' },
    ],
  },
  {
    ...{ id: '0b1d7c5e-design', name: 'design-system', label: 'Design System', group: 'Development' },
    ...{ provider: AZURE, growth: '1', leads: {} },
    services: [{ name: 'App Service', category: 'Web', amount: '56.12' }],
  },
  {
    ...{ id: '481920375603', name: 'load-lab', label: 'Load Test Lab', group: 'Development' },
    ...{ provider: AWS, growth: '0.96', leads: MAX },
    services: [{ name: 'AWS Fargate', category: 'Compute', amount: '92.41' }],
  },
  {
    ...{ id: 'acme-dwh', name: 'data-warehouse', label: 'Data Warehouse', group: 'Data and Analytics' },
    ...{ provider: GOOGLE, growth: '1.025', leads: PLATFORM },
    services: [
      { name: 'BigQuery', category: 'Analytics', amount: '1146.28' },
      { name: 'Cloud Storage', category: 'Storage', amount: '238.94' },
    ],
  },
  {
    // moves to Data and Analytics: see the story
    ...{ id: '481920375610', name: 'event-stream', label: 'Event Stream', group: 'Production' },
    ...{ provider: AWS, growth: '1.03', leads: { users: [dataLead.id] } },
    services: [
      { name: 'Amazon Kinesis', category: 'Analytics', amount: '331.52' },
      { name: 'AWS Lambda', category: 'Compute', amount: '58.76' },
    ],
  },
  {
    ...{ id: '2f64c9a0-forecast', name: 'forecasting', label: 'Demand Forecasting', group: 'Data and Analytics' },
    ...{ provider: AZURE, growth: '1.01', leads: { users: [dataLead.id] } },
    services: [{ name: 'Azure Machine Learning', category: 'AI and Machine Learning', amount: '457.09' }],
    exceptions: [{ ago: 7, times: '1.8' }],
  },
  {
    ...{ id: '6ad03e18-bi', name: 'dashboards', label: 'Dashboards', group: 'Data and Analytics' },
    ...{ provider: AZURE, growth: '1', leads: {} },
    services: [
      {
        ...{ name: 'Power BI Embedded', category: 'Analytics', amount: '289.90' },
        monthly: { share: '0.6', on: 'first day', description: 'Power BI capacity of the month' },
      },
    ],
  },
  {
    ...{ id: 'c7719f42-routes', name: 'route-planner', label: 'Route Planner', group: 'Fjord Logistics' },
    ...{ provider: AZURE, growth: '1.02', leads: SOFIA },
    services: [
      { name: 'Azure Kubernetes Service', category: 'Compute', amount: '612.33' },
      { name: 'Azure Maps', category: 'Integration', amount: '128.75' },
    ],
  },
  {
    ...{ id: 'e05b8d91-parcels', name: 'parcel-tracking', label: 'Parcel Tracking', group: 'Fjord Logistics' },
    ...{ provider: AZURE, growth: '1.03', leads: SOFIA },
    services: [
      { name: 'Azure Cosmos DB', category: 'Databases', amount: '341.60' },
      { name: 'Azure Functions', category: 'Compute', amount: '44.18' },
    ],
  },
  {
    ...{ id: '592017734418', name: 'outfitter-store', label: 'Outfitter Store', group: 'Lakeside Outfitters' },
    ...{ provider: AWS, growth: '1.015', leads: SOFIA },
    services: [
      { name: 'Amazon Elastic Compute Cloud', category: 'Compute', amount: '478.25' },
      { name: 'Amazon Relational Database Service', category: 'Databases', amount: '221.47' },
    ],
  },
  {
    ...{ id: '592017734425', name: 'order-sync', label: 'Order Sync', group: 'Lakeside Outfitters' },
    ...{ provider: AWS, growth: '1', leads: {} },
    services: [{ name: 'AWS Step Functions', category: 'Integration', amount: '74.39' }],
  },
];
