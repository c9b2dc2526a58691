import type { Locator } from 'playwright-core';
import type { Person, Scene } from './browser.ts';

const [OWNER, FINN, MAX] = ['U0OLIVIA', 'U0FINN', 'U0MAX'];
const FINANCE = 'C0FINANCE';
const HIGH = { width: 1280, height: 1100 } as const;

/** The product's own views: Home, a group's tabs, and each modal. */
export const SCENES: readonly Scene[] = [
  {
    name: 'home',
    as: OWNER,
    async run(person) {
      await person.goHome();
      await person.page.getByText('Billing groups').first().waitFor();
    },
  },
  tab('overview', 'Overview', 'Last invoice'),
  tab('projects', 'Projects', 'Assign projects'),
  tab('invoices', 'Invoices', 'invoices'),
  tab('credits', 'Credits', 'in credits left'),
  tab('events', 'Events', 'Export'),
  tab('billing-information', 'Billing information', 'Printed on the invoice'),
  command('modal-create-group', OWNER, '/billing create', 'Copy from'),
  command('modal-move', MAX, '/billing move staging to Production', 'before and after'),
  command('modal-credit-campaign', OWNER, '/billing credit create', 'Value per claim'),
  ofInvoice('modal-invoice', '', 'Record payment'),
  ofInvoice('modal-invoice-why', 'why', 'Amount due'),
  ofInvoice('modal-payment', 'paid', 'is left to pay'),
  ofInvoice('modal-payment-confirmation', 'paid', 'Review payment', 'You’re about to'),
  ofInvoice('modal-credit-memo', 'memo', 'It corrects invoice'),
  command('modal-notify', OWNER, '/billing notify', 'Mention'),
  command('modal-members', OWNER, '/billing members', 'Members'),
  command('modal-settings', OWNER, '/billing settings', 'Invoice'),
  command('modal-dry-run', OWNER, '/billing dry-run', 'would be issued'),
  command('modal-preview', OWNER, '/billing preview Production', 'Preview as PDF'),
  command('modal-events', OWNER, '/billing events', 'Events'),
  command('modal-delete', OWNER, '/billing delete Production', 'can’t be deleted'),
  inGroup('modal-billing-information', 'Billing information', 'Edit the billing information', 'Contacts for questions'),
  inGroup('modal-payment-method', 'Billing information', 'Payment method', 'Payment method for this group'),
  inGroup('modal-claim', 'Credits', 'Claim a code', 'Leave empty to use it for all'),
  inGroup('modal-new-project', 'Projects', 'Create a project', 'As named in the cost files'),
  ofBill('modal-cost-mapping', false),
  ofBill('modal-cost-mapping-preview', true),
  inChannel('message-unusual-costs', 'light', 'Unusually high costs'),
  inChannel('message-unusual-costs-dark', 'dark', 'Unusually high costs'),
  costs('message-costs', 'light'),
  costs('message-costs-dark', 'dark'),
  fromHome('modal-payment-methods', 'Payment methods', 'Payment methods'),
  fromHome('modal-credit-campaigns', 'Credit campaigns', 'Credit campaigns'),
  { name: 'message-link', as: FINN, run: sharedLink },
];

/** A bill as a German provider sends it, in Windows-1252. */
const BILL = Buffer.from(
  [
    'Datum;Projekt;Leistung;W\u00e4hrung;Betrag',
    '31.10.2026;K\u00e4uferportal;Server gro\u00df;EUR;1.234,56',
    '01.10.2026;K\u00e4uferportal;Speicher;EUR;-1,00',
    '02.10.2026;Shop;Speicher;EUR;12,50-',
    '03.10.2026;Shop;Rabatt;EUR;(3,06)',
    '04.10.2026;Shop;Server klein;EUR;auf Anfrage',
    'Summe;;;EUR;1.218,00',
    '',
  ].join('\r\n'),
  'latin1',
);

/** The form for the columns of a bill in an unknown layout, or what importing it would do. */
function ofBill(name: string, isTried: boolean): Scene {
  return {
    name,
    as: FINN,
    look: { viewport: { width: 1280, height: 1500 } },
    async run(person) {
      await person.goTo(FINANCE);
      await person.drop('rechnung-2026-10.csv', BILL);
      await person.message('rechnung-2026-10.csv can’t be imported');
      await person.click('Choose columns');
      await person.modal('Its first rows');
      if (!isTried) return person.modal('Its first rows');
      await person.page.getByLabel('Name of this kind of file').fill('Rechenzentrum');
      await person.click('Preview');
      return person.modal('nothing has been stored yet');
    },
  };
}

/** One of the tabs of a group's view. */
function tab(name: string, button: string, words: string): Scene {
  return {
    name: `group-${name}`,
    as: OWNER,
    async run(person) {
      const dialog = await openGroup(person);
      if (button !== 'Overview') await person.click(button);
      await dialog.getByText(words).first().waitFor();
      await settled(person);
      return person.modal(words);
    },
  };
}

type Scheme = 'light' | 'dark';

/** A message with a chart in the finance channel. */
function inChannel(name: string, colorScheme: Scheme, words: string): Scene {
  return {
    name,
    as: FINN,
    look: { colorScheme, viewport: HIGH },
    async run(person) {
      await person.goTo(FINANCE);
      const message = await person.message(words);
      await message.getByRole('img').first().waitFor();
      await settled(person);
      return message;
    },
  };
}

/** A group’s costs of three months, and their chart. */
function costs(name: string, colorScheme: Scheme): Scene {
  return {
    name,
    as: FINN,
    look: { colorScheme, viewport: HIGH },
    async run(person) {
      await person.goToMessages();
      const charts = person.page.getByRole('article').getByRole('img');
      const before = await charts.count();
      await person.type('/billing costs Production last month by day');
      await charts.nth(before).waitFor();
      await settled(person);
    },
  };
}

/** A modal that a command opens. */
function command(name: string, as: string, line: string, words: string): Scene {
  return { name, as, run: (person) => typed(person, line, words) };
}

/**
 * A modal about Production's invoice of the last closed month, which hasn't been paid yet.
 *
 * @param words of the modal; the button to click if another view follows
 * @param then what the view after that contains
 */
function ofInvoice(name: string, action: string, words: string, then?: string): Scene {
  return {
    name,
    as: FINN,
    async run(person) {
      await person.goTo(FINANCE);
      const issued = await person.message(/ACME-\d+ for Production/);
      const [number = ''] = /ACME-\d+/.exec((await issued.textContent()) ?? '') ?? [];
      await person.type(`/billing invoice ${number} ${action}`.trim());
      await person.modal(words);
      await settled(person);
      if (then === undefined) return person.modal(words);
      await person.click(words);
      return person.modal(then);
    },
  };
}

/** Shares the link of an invoice, and returns the message with its preview. */
async function sharedLink(person: Person): Promise<Locator> {
  await person.goTo(FINANCE);
  const issued = await person.message(/ACME-\d+ for Production/);
  const [number = ''] = /ACME-\d+/.exec((await issued.textContent()) ?? '') ?? [];
  await person.type(`/billing invoice ${number}`);
  const link = (await person.modal('Link:')).getByRole('link');
  const url = (await link.textContent()) ?? '';
  await person.closeModals();
  await person.type(`Can we pay this one on Friday? ${url}`);
  const message = await person.message('Can we pay');
  await message.getByRole('complementary').waitFor();
  return message;
}

/** Types a command, and returns the modal that it opens. */
async function typed(person: Person, line: string, words: string): Promise<Locator> {
  await person.goTo(FINANCE);
  await person.type(line);
  await person.modal(words);
  await settled(person);
  return person.modal(words);
}

/** A form on top of a group's view. */
function inGroup(name: string, tabName: string, button: string, words: string): Scene {
  return {
    name,
    as: FINN,
    async run(person) {
      await openGroup(person);
      await person.click(tabName);
      await person.page.getByRole('button', { name: button }).first().waitFor();
      await person.click(button);
      await person.modal(words);
      await settled(person);
      return person.modal(words);
    },
  };
}

function fromHome(name: string, button: string, words: string): Scene {
  return {
    name,
    as: OWNER,
    async run(person) {
      await person.goHome();
      await person.click(button);
      await person.modal(words);
      await settled(person);
      return person.modal(words);
    },
  };
}

async function openGroup(person: Person): Promise<Locator> {
  await person.goTo(FINANCE);
  await person.type('/billing group Production');
  const dialog = await person.modal('so far in');
  // the chart appears a moment after the rest
  await dialog.getByRole('img').first().waitFor();
  return dialog;
}

/** Waits until nothing is loading. */
async function settled(person: Person): Promise<void> {
  await person.page.waitForTimeout(700);
}
