import { PEOPLE } from '../seed.ts';
import { ACME_PROJECTS } from './acme-projects.ts';
import type { PlannedAccount } from './plan.ts';

/** The names of Acme’s billing groups. */
export const GROUP = {
  production: 'Production',
  development: 'Development',
  data: 'Data and Analytics',
  sweden: 'Fjord Logistics',
  usa: 'Lakeside Outfitters',
} as const;

/** The main account: a German company with two departments, a data company and two customers. */
export const ACME: PlannedAccount = {
  name: 'Acme',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  since: 12,
  members: Object.fromEntries(Object.values(PEOPLE).map(({ id, role }) => [id, role])),
  groups: [
    {
      name: GROUP.production,
      environment: 'prod',
      billing: {
        company: 'Acme Handel GmbH',
        address: 'Speicherstraße 14',
        zipCode: '20457',
        city: 'Hamburg',
        countryCode: 'DE',
        vatId: 'DE309175621',
        billingEmails: 'rechnungen@handel.acme.example',
        contactEmails: 'einkauf@handel.acme.example',
        extraText: 'Cost center 4100',
      },
    },
    {
      name: GROUP.development,
      environment: 'dev',
      billing: {
        company: 'Acme Cloud Services GmbH, Development',
        address: 'Torstraße 201',
        zipCode: '10115',
        city: 'Berlin',
        countryCode: 'DE',
        billingEmails: 'engineering@acme.example',
        extraText: 'Cost center 7300, settled internally',
      },
      isInternal: true,
    },
    {
      name: GROUP.data,
      environment: 'prod',
      billing: {
        company: 'Acme Data GmbH',
        address: 'Lindwurmstraße 88',
        zipCode: '80337',
        city: 'München',
        countryCode: 'DE',
        vatId: 'DE317762053',
        billingEmails: 'billing@data.acme.example',
      },
    },
    {
      name: GROUP.sweden,
      environment: 'customer',
      billing: {
        company: 'Fjord Logistics AB',
        address: 'Masthamnsgatan 5',
        zipCode: '413 29',
        city: 'Göteborg',
        countryCode: 'SE',
        vatId: 'SE559213047901',
        billingEmails: 'faktura@fjordlogistics.example',
        contactEmails: 'ekonomi@fjordlogistics.example',
      },
    },
    {
      name: GROUP.usa,
      environment: 'customer',
      currency: 'USD',
      billing: {
        company: 'Lakeside Outfitters, Inc.',
        address: '410 Harbor Avenue',
        zipCode: '54301',
        city: 'Green Bay',
        state: 'Wisconsin',
        countryCode: 'US',
        billingEmails: 'accounts-payable@lakeside.example',
      },
    },
  ],
  projects: ACME_PROJECTS,
};
