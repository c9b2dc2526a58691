import { eachStep } from '../src/services/background/each-of-all.ts';
import { numberEvents } from '../src/services/events/event-log.ts';
import type { VatOffice } from '../src/services/groups/billing-information.ts';
import { closeDue } from '../src/services/invoicing/close.ts';
import { refreshEstimates } from '../src/services/invoicing/estimates.ts';
import { dropLeftovers } from '../src/services/invoicing/lines/leftovers.ts';
import type { Mailer } from '../src/services/notices/mails.ts';
import type { CardProvider } from '../src/services/settlement/card-provider.ts';
import type { SourceTools } from '../src/services/sources/source-storage.ts';
import { deleteEndedWorkspaces } from '../src/services/workspaces/retention.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { anomaliesJob } from './anomalies.ts';
import { budgetsJob } from './budgets.ts';
import { cardsJob } from './cards.ts';
import { chargesJob } from './charges.ts';
import { creditsJob } from './credits.ts';
import { digestsJob } from './digests.ts';
import { dryRunJob } from './dry-run.ts';
import { homeJob } from './home.ts';
import { importsJob, sourcesJob } from './imports.ts';
import type { Job } from './kit/job.ts';
import { mailsJob } from './mails.ts';
import { movesJob } from './moves.ts';
import { newsJob } from './news.ts';
import { ownersJob } from './owners.ts';
import { peopleJob } from './people.ts';
import { remindersJob } from './reminders.ts';
import { reviewsJob } from './reviews.ts';
import { userGroupsJob } from './user-groups.ts';
import { vatJob } from './vat.ts';

export interface JobOptions {
  /** The pause between two messages to one channel, in milliseconds. */
  readonly paceMs?: number;
  /** Confirms VAT IDs. Without it they stay unconfirmed. */
  readonly vatOffice?: VatOffice | undefined;
  /** Charges cards. Without it, card invoices stay due. */
  readonly cards?: CardProvider | undefined;
  /** Sends emails. Without it, none are sent. */
  readonly mailer?: Mailer | undefined;
  /** How long data about Slack workspaces that uninstalled the app is kept, in days. Without it, nothing is deleted. */
  readonly retentionDays?: number | undefined;
  /** Reads sources of costs. Without it, none are read. */
  readonly sources?: SourceTools | undefined;
}

/** All background jobs and their intervals. */
export function allJobs(messengers: Messengers, options: JobOptions = {}): Job[] {
  const { paceMs, vatOffice, cards, mailer, retentionDays, sources } = options;
  return [
    numberEventsJob,
    estimatesJob,
    closeJob,
    dryRunJob,
    budgetsJob,
    anomaliesJob(messengers),
    digestsJob,
    reviewsJob(messengers),
    importsJob(messengers),
    ...(sources ? [sourcesJob(messengers, sources)] : []),
    newsJob(messengers, paceMs),
    creditsJob,
    movesJob(messengers),
    homeJob(messengers),
    userGroupsJob(messengers),
    ownersJob(messengers),
    peopleJob(messengers),
    cardsJob,
    chargesJob(cards),
    remindersJob,
    mailsJob(mailer),
    ...(vatOffice ? [vatJob(vatOffice)] : []),
    ...(retentionDays === undefined ? [] : [retentionJob(retentionDays)]),
  ];
}

const numberEventsJob: Job = {
  name: 'number-events',
  does: 'numbers new events in the log, right after the commit',
  everyMs: 5_000,
  concurrency: 'each process',
  missed: 'all unnumbered events are numbered, in the order in which they happened',
  run: numberEvents,
};

const estimatesJob: Job = {
  name: 'estimates',
  does: 'recomputes estimates of the open month where something changed, and deletes invoice lines that were replaced',
  everyMs: 10_000,
  zone: 'months are in the account’s time zone',
  concurrency: 'each process',
  missed: 'everything that changed in the meantime is recomputed',
  run: (ctx) => eachStep(ctx, { estimates: () => refreshEstimates(ctx), leftovers: () => dropLeftovers(ctx) }),
};

const closeJob: Job = {
  name: 'close',
  does: 'closes months that have ended, and issues their invoices',
  everyMs: 10_000,
  zone: 'months are in the account’s time zone',
  concurrency: 'each process',
  missed: 'every month that ended in the meantime is closed, the oldest first, once for each group',
  run: closeDue,
};

/** @param days how long data about workspaces that uninstalled the app is kept */
function retentionJob(days: number): Job {
  return {
    name: 'retention',
    does: 'deletes what is kept about Slack workspaces that uninstalled the app, after the retention period',
    everyMs: 3_600_000,
    concurrency: 'one',
    missed: 'everything whose retention period has ended is deleted',
    run: (ctx) => deleteEndedWorkspaces(ctx, days),
  };
}
