import type { Locator } from 'playwright-core';
import type { Person } from './browser.ts';

/** Something that a person does in a day. */
export interface Step {
  /** What they do, after their name. */
  readonly does: string;
  /** The file name of its picture without its extension. */
  readonly picture: string;
  /** Does it, and waits for the result. @returns what to show; undefined for the whole page */
  run(person: Person): Promise<Locator | undefined> | Promise<void>;
}

/** A person's day with the sample data. The days build on one another, in their order. */
export interface Day {
  readonly who: string;
  /** Their Slack ID. */
  readonly as: string;
  readonly steps: readonly Step[];
}

const [FINANCE, APPROVALS] = ['C0FINANCE', 'C0APPROVALS'];
/** The requests in the approvals channel, by what they move. */
const STAGING = /asked to move \S*(?:staging|Staging)/;
const LOAD_LAB = /asked to move \S*(?:load-lab|Load Test Lab)/;

const TEAM_LEAD: Day = {
  who: 'the team lead',
  as: 'U0MAX',
  steps: [
    welcome('team-lead-1-welcome', 'Max Tanaka'),
    {
      does: 'sees what their projects cost, with one click',
      picture: 'team-lead-2-costs',
      async run(person) {
        await person.click('/billing costs mine');
        await person.message('Product Search');
        await settled(person);
      },
    },
    answer('team-lead-3-project', 'looks at a project', '/billing project search', 'Costs by service'),
    {
      does: 'sees a move’s cost impact before they ask for it',
      picture: 'team-lead-4-move',
      async run(person) {
        await person.type('/billing move staging to Production');
        const form = await person.modal('before and after');
        await settled(person);
        await form.getByText('→').last().scrollIntoViewIfNeeded();
        return form;
      },
    },
    {
      does: 'asks for the move',
      picture: 'team-lead-5-requested',
      async run(person) {
        await person.click(/^Move$/);
        return person.modal('Requested approval');
      },
    },
    {
      does: 'finds their requests in Home',
      picture: 'team-lead-6-home',
      async run(person) {
        await person.closeModals();
        await person.goHome();
        await person.page.getByText('My requests').first().waitFor();
        await person.page.getByRole('button', { name: 'Withdraw' }).first().waitFor();
      },
    },
  ],
};

const APPROVER: Day = {
  who: 'the approver',
  as: 'U0AVA',
  steps: [
    welcome('approver-1-welcome', 'Ava Morales'),
    {
      does: 'finds both requests in the approvals channel',
      picture: 'approver-2-channel',
      async run(person) {
        await person.goTo(APPROVALS);
        await person.message(LOAD_LAB);
        await person.message(STAGING);
        await settled(person);
      },
    },
    {
      does: 'is asked once more before a decision',
      picture: 'approver-3-confirm',
      async run(person) {
        const request = await person.message(STAGING);
        await request.getByRole('button', { name: 'Approve' }).click();
        await person.page.getByRole('alertdialog').waitFor();
      },
    },
    {
      does: 'approves one of them, and the channel sees it',
      picture: 'approver-4-approved',
      async run(person) {
        await person.page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click();
        const request = await person.message(STAGING);
        await request.getByText('Approved by').waitFor();
        await settled(person);
      },
    },
    modal('approver-5-requests', 'sees what else waits for them', '/billing requests', 'Waiting for you'),
    modal('approver-6-budgets', 'checks the budgets', '/billing budget', 'Development'),
  ],
};

const FINANCE_DAY: Day = {
  who: 'finance',
  as: 'U0FINN',
  steps: [
    welcome('finance-1-welcome', 'Finn Keller'),
    {
      does: 'reads the last month’s cost digest in their channel',
      picture: 'finance-2-digest',
      async run(person) {
        await person.goTo(FINANCE);
        const digest = await person.message('Largest changes by project');
        await settled(person);
        return digest;
      },
    },
    answer('finance-3-payments', 'sees what came in', '/billing payments', 'incoming payments to match'),
    {
      does: 'records a payment that names its invoice',
      picture: 'finance-4-recorded',
      async run(person) {
        const list = await person.message('incoming payments to match');
        // without a question, since number and amount match
        await list.locator('.button.is-primary', { hasText: 'Record payment' }).first().click();
        await person.message('The invoice is paid');
        await settled(person);
      },
    },
    answer('finance-5-aging', 'sees who owes money', '/billing aging', 'Open invoices on'),
    {
      does: 'opens the invoice that has been overdue the longest',
      picture: 'finance-6-overdue',
      async run(person) {
        const list = await person.message('Open invoices on');
        await list
          .getByRole('button', { name: /^View invoice/ })
          .first()
          .click();
        const shown = await person.modal('Lakeside Outfitters');
        await settled(person);
        return shown;
      },
    },
    modal('finance-7-dry-run', 'checks the next close', '/billing dry-run', 'would be issued'),
  ],
};

const OWNER: Day = {
  who: 'the owner',
  as: 'U0OLIVIA',
  steps: [
    welcome('owner-1-welcome', 'Olivia Brandt'),
    {
      does: 'sees what needs attention in Home',
      picture: 'owner-2-home',
      async run(person) {
        await person.goHome();
        await person.page.getByText('Waiting for you').first().waitFor();
        await settled(person);
      },
    },
    answer('owner-3-groups', 'sees all billing groups', '/billing groups', 'Data and Analytics'),
    {
      does: 'looks at a year of a customer',
      picture: 'owner-4-customer',
      async run(person) {
        await person.type('/billing group Fjord Logistics');
        const dialog = await person.modal('so far in');
        await dialog.getByRole('img').first().waitFor();
        await settled(person);
        return person.modal('so far in');
      },
    },
    modal('owner-5-preview', 'previews the customer’s invoice', '/billing preview Fjord Logistics', 'Preview as PDF'),
    answer('owner-6-verify', 'verifies the log', '/billing verify', 'The event log is intact'),
    answer('owner-7-private', 'keeps a group to its people', '/billing private Development', 'is private'),
    modal('owner-8-who-sees', 'sees who can see it', '/billing group Development', 'the leads of its projects'),
  ],
};

export const DAYS: readonly Day[] = [TEAM_LEAD, APPROVER, FINANCE_DAY, OWNER];

function welcome(picture: string, name: string): Step {
  return {
    does: 'starts with a welcome that says who they are and what to try',
    picture,
    async run(person) {
      await person.goToWelcome();
      await person.page.getByRole('heading', { name: `You are ${name}` }).waitFor();
    },
  };
}

/** A command that answers with a message. */
function answer(picture: string, does: string, line: string, words: string): Step {
  return {
    does,
    picture,
    async run(person) {
      await toChannel(person);
      await person.type(line);
      await person.message(words);
      await settled(person);
    },
  };
}

/** A command that opens a modal. */
function modal(picture: string, does: string, line: string, words: string): Step {
  return {
    does,
    picture,
    async run(person) {
      await toChannel(person);
      await person.type(line);
      await person.modal(words);
      await settled(person);
      return person.modal(words);
    },
  };
}

/** Stays in a channel, or goes to one where this person is. */
async function toChannel(person: Person): Promise<void> {
  await person.closeModals();
  if (!(await person.canType())) await person.goTo(FINANCE);
}

/** Waits until nothing is loading. */
async function settled(person: Person): Promise<void> {
  await person.page.waitForTimeout(700);
}
