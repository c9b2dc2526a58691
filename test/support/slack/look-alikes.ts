import { registerBilling } from '../../../commands/billing.ts';
import { allJobs } from '../../../jobs/index.ts';
import { Ticks } from '../../../jobs/kit/ticks.ts';
import { mailFiles } from '../../../src/adapters/smtp/attachments.ts';
import { createHttpServer } from '../../../src/platform/http-server.ts';
import { severalAccountsOf } from '../../../src/services/accounts/accounts.ts';
import { claimAnswer, releaseAnswer } from '../../../src/services/kit/request-keys.ts';
import { mailText } from '../../../src/services/notices/mail-text.ts';
import type { Mailer } from '../../../src/services/notices/mails.ts';
import { createSlackApp, type SlackApp } from '../../../src/slack/app/app.ts';
import { registerViews } from '../../../views/index.ts';
import { readPdf } from '../../documents/pdf/read-pdf.ts';
import type { TestClock } from '../context.ts';
import { LINK_BASE } from './listener-requests.ts';
import { install } from './oauth.ts';
import { SIGNING_SECRET, type Target } from './signed.ts';
import type { Call, SlackApiStandIn } from './slack-api.ts';
import { type LogLine, testLog } from './slack-app.ts';

/** A workspace whose users, channels, files and messages have the same IDs as those of the others. */
export interface LookAlike {
  readonly team: string;
  /** The organization, if the app is installed for all its workspaces. */
  readonly enterprise?: string;
  readonly token: string;
  /** Part of every name in this workspace, and of no other text. */
  readonly word: string;
}

const ORG = { enterprise: 'E0ORG', token: 'xoxb-org' } as const;
export const LOOK_ALIKES: readonly LookAlike[] = [
  { team: 'T0ONE', token: 'xoxb-one', word: 'Azurine' },
  { team: 'T0TWO', token: 'xoxb-two', word: 'Bistrell' },
  { team: 'T0THREE', ...ORG, word: 'Cinnavar' },
  { team: 'T0FOUR', ...ORG, word: 'Dolomeer' },
];

/** An email with everything that can be read in it. */
export interface ReadMail {
  readonly accountId: string;
  readonly text: string;
}

/** A process of the product that serves all of them. */
export interface SharedProcess {
  readonly app: SlackApp;
  readonly ticks: Ticks;
  readonly target: Target;
  readonly lines: readonly LogLine[];
  readonly mails: readonly ReadMail[];
  /** Where people install the app. */
  readonly base: string;
  stop(): Promise<void>;
}

export async function startSharedProcess(clock: TestClock, slackApiUrl: string): Promise<SharedProcess> {
  const { log, lines } = testLog();
  const mails: ReadMail[] = [];
  const app = createSlackApp({
    install: {
      ...{ clientId: '1.2', clientSecret: 'a-client-secret', stateSecret: 'a-state-secret-x' },
      secretKeys: [Buffer.alloc(32, 1)],
    },
    way: { kind: 'http', signingSecret: SIGNING_SECRET },
    ...{ log, clock: { now: () => new Date() }, slackApiUrl },
    answers: { claim: claimAnswer, release: releaseAnswer },
    findAccounts: severalAccountsOf,
  });
  const deps = { clock, linkBase: LINK_BASE, nudge: () => undefined };
  registerBilling(app, deps);
  registerViews(app, deps);
  const jobs = allJobs(app.workspaces, {
    paceMs: 0,
    vatOffice: { check: async () => 'valid' },
    mailer: mailerInto(mails),
    retentionDays: 90,
  });
  const ticks = new Ticks(jobs, { clock, log });
  await app.start();
  const server = createHttpServer({ log, slack: app.requestListener });
  for (const [path, listener] of app.installRoutes) server.mount(path, listener);
  const base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  return {
    ...{ app, ticks, lines, mails, base, target: { url: `${base}/slack/events` } },
    async stop() {
      await ticks.stop();
      await server.close(1_000);
      await app.stop(1_000);
    },
  };
}

function mailerInto(mails: ReadMail[]): Mailer {
  return {
    async send(ctx, mail, to) {
      const words = await mailText(mail);
      const files = await mailFiles(ctx, mail, words?.number ?? '');
      const contents = await Promise.all(files.map(({ content }) => textOf(content)));
      mails.push({
        accountId: mail.accountId,
        text: JSON.stringify([to, words, files.map(({ filename }) => filename), contents]),
      });
      return { accepted: to, rejected: [] };
    },
  };
}

/** Installs the app in all of them, as people do. */
export async function installAll(base: string, api: SlackApiStandIn): Promise<void> {
  for (const { team, enterprise, token } of LOOK_ALIKES) {
    await install(base, api, enterprise === undefined ? { team, token } : { team: null, enterprise, token });
  }
}

/** Where a workspace's answers to requests are posted. */
export function responseUrlOf(api: SlackApiStandIn, { team }: LookAlike): string {
  return api.responseUrl.replace(/\/1$/, `/${team}`);
}

/** The workspace that a call to Slack reaches; undefined for one that belongs to none, such as an installation. */
export function reachedBy({ path, token, args }: Pick<Call, 'path' | 'token' | 'args'>): LookAlike | undefined {
  const [, inPath] = /^\/(?:respond|api\/upload|api\/files)\/([^/]+)/.exec(path) ?? [];
  if (inPath !== undefined) return LOOK_ALIKES.find(({ team }) => team === inPath);
  const served = LOOK_ALIKES.filter((one) => one.token === token);
  return served.length === 1 ? served[0] : served.find(({ team }) => team === args.team_id);
}

/** Everything that can be read in a call, files included. */
export async function readableIn({ args, body, path }: Call): Promise<string> {
  return [path, JSON.stringify(args), await textOf(body)].join('\n');
}

async function textOf(file: Buffer): Promise<string> {
  return file.subarray(0, 5).toString() === '%PDF-' ? (await readPdf(file)).text : file.toString('utf8');
}

/** The workspaces whose words are in a text. */
export function namedIn(text: string): LookAlike[] {
  const folded = text.toLowerCase();
  return LOOK_ALIKES.filter(({ word }) => folded.includes(word.toLowerCase()));
}

/** A Slack with the same IDs in every workspace. Only names and files differ. */
export function answerAlike(api: SlackApiStandIn, file: (of: LookAlike) => string): void {
  const by = (answer: (of: LookAlike, call: Call) => Readonly<Record<string, unknown>>) => (call: Call) => {
    const of = reachedBy(call);
    return { body: of ? { ok: true, ...answer(of, call) } : { ok: false, error: 'invalid_auth' } };
  };
  let posted = 0;
  const ts = () => {
    posted += 1;
    return `1800000000.${String(posted).padStart(6, '0')}`;
  };
  const person = (of: LookAlike, id: unknown) => ({
    ...{ id, team_id: of.team, name: `${of.word}-person`, real_name: `${of.word} Person`, tz: 'Europe/Berlin' },
    ...{ is_admin: true, is_owner: id === 'U0OWNER' },
  });
  api.answer(
    'users.info',
    by((of, { args }) => ({ user: person(of, args.user) })),
  );
  api.answer(
    'users.list',
    by((of) => ({ members: [person(of, 'U0OWNER'), person(of, 'U0ADMIN')] })),
  );
  api.answer(
    'usergroups.list',
    by(({ word }) => ({ usergroups: [{ id: 'S0TEAM', handle: word, name: `${word} team` }] })),
  );
  api.answer(
    'usergroups.users.list',
    by(() => ({ users: ['U0MEMBER', 'U0STRANGER'] })),
  );
  api.answer(
    'conversations.open',
    by((_of, { args }) => ({ channel: { id: `D${String(args.users)}` } })),
  );
  api.answer(
    'conversations.info',
    by(({ word }) => ({ channel: { id: 'C0FINANCE', name: `${word}-finance` } })),
  );
  api.answer(
    'chat.postMessage',
    by((_of, { args }) => ({ ts: ts(), channel: args.channel })),
  );
  api.answer(
    'files.getUploadURLExternal',
    by(({ team }) => ({ upload_url: `${api.url}upload/${team}`, file_id: 'F1' })),
  );
  api.answer(
    'files.completeUploadExternal',
    by(() => ({ files: [{ id: 'F1' }] })),
  );
  api.answer(
    'files.info',
    by((of, { args }) => ({
      file: {
        ...{ id: args.file, name: `${of.word}.csv`, mimetype: 'text/csv', size: Buffer.byteLength(file(of)) },
        url_private_download: `${api.url}files/${of.team}/F1`,
      },
    })),
  );
  for (const of of LOOK_ALIKES) {
    api.answer(`files/${of.team}/F1`, ({ token }) =>
      token === of.token
        ? { headers: { 'content-type': 'text/csv' }, body: file(of) }
        : { status: 403, body: 'Another workspace’s file' },
    );
  }
}
