import type { VatOffice } from '../src/services/billing-information.ts';
import type { CardProvider } from '../src/services/card-provider.ts';
import { refreshEstimates } from '../src/services/estimates.ts';
import { closeDue } from '../src/services/invoices.ts';
import { numberEvents } from '../src/services/log.ts';
import type { Mailer } from '../src/services/mails.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import { cardsJob } from './cards.ts';
import { chargesJob } from './charges.ts';
import { creditsJob } from './credits.ts';
import { dryRunJob } from './dry-run.ts';
import { homeJob } from './home.ts';
import { importsJob } from './imports.ts';
import { mailsJob } from './mails.ts';
import { movesJob } from './moves.ts';
import { newsJob } from './news.ts';
import { remindersJob } from './reminders.ts';
import type { Job } from './ticks.ts';
import { userGroupsJob } from './user-groups.ts';
import { vatJob } from './vat.ts';

export interface JobOptions {
  /** Between two messages to one channel, in milliseconds. */
  readonly paceMs?: number;
  /** Who confirms VAT IDs; without one they stay unconfirmed. */
  readonly vatOffice?: VatOffice | undefined;
  /** Who charges cards; without one, invoices by card stay due. */
  readonly cards?: CardProvider | undefined;
  /** Who sends mails; without one, none are sent. */
  readonly mailer?: Mailer | undefined;
}

/** All that happens by itself, and how often. */
export function allJobs(messenger: Messenger, { paceMs, vatOffice, cards, mailer }: JobOptions = {}): Job[] {
  return [
    { name: 'number-events', everyMs: 5_000, run: numberEvents },
    { name: 'estimates', everyMs: 10_000, run: refreshEstimates },
    { name: 'close', everyMs: 30_000, run: closeDue },
    dryRunJob,
    importsJob(messenger),
    newsJob(messenger, paceMs),
    creditsJob,
    movesJob(messenger),
    homeJob(messenger),
    userGroupsJob(messenger),
    cardsJob,
    chargesJob(cards),
    remindersJob,
    mailsJob(mailer),
    ...(vatOffice ? [vatJob(vatOffice)] : []),
  ];
}
