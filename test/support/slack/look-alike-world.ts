import { toPeriod } from '../../../src/billing/period/period.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { contextAt, type TestClock } from '../context.ts';
import { GERMAN_BUYER, GERMAN_SELLER, setParties } from '../invoices/closed.ts';
import { type Facts, listenerFacts, type Sending } from './listener-requests.ts';
import {
  answerAlike,
  installAll,
  LOOK_ALIKES,
  type LookAlike,
  namedIn,
  reachedBy,
  readableIn,
  responseUrlOf,
  type SharedProcess,
  startSharedProcess,
} from './look-alikes.ts';
import { type SlackApiStandIn, startSlackApi } from './slack-api.ts';

/** Four workspaces with the same IDs, each with one object of each kind, and two processes that serve them all. */
export interface LookAlikeWorld {
  readonly api: SlackApiStandIn;
  readonly processes: readonly SharedProcess[];
  readonly facts: ReadonlyMap<LookAlike, Facts>;
  /** How a person of a workspace sends a request about the objects of one. Workspaces use the processes in turn. */
  sending(from: LookAlike, about?: LookAlike): Sending;
  /** Waits for all requests in progress. */
  quiet(): Promise<void>;
  /** What has arrived until now. */
  mark(): Mark;
  /** What names a workspace in everything that has arrived since. */
  since(mark: Mark, answers?: ReadonlyMap<LookAlike, string>): Promise<Arrived>;
  stop(): Promise<void>;
}

interface Mark {
  readonly calls: number;
  readonly mails: readonly number[];
  readonly lines: readonly number[];
}

export interface Arrived {
  /** Where a workspace was named in another one; each is a leak. */
  readonly strangers: readonly string[];
  /** How often each workspace was named in itself, by the method called. */
  readonly own: ReadonlyMap<LookAlike, ReadonlyMap<string, number>>;
}

/** @param file the content of every shared file of a workspace */
export async function lookAlikeWorld(clock: TestClock, file: (of: LookAlike) => string): Promise<LookAlikeWorld> {
  const api = await startSlackApi();
  answerAlike(api, file);
  const processes = [await startSharedProcess(clock, api.url), await startSharedProcess(clock, api.url)] as const;
  await installAll(processes[0].base, api);
  const facts = new Map<LookAlike, Facts>();
  for (const one of LOOK_ALIKES) facts.set(one, await billedFacts(clock, one));
  return {
    ...{ api, processes, facts },
    sending(from, about = from) {
      const { team, enterprise } = from;
      const { target } = processes[LOOK_ALIKES.indexOf(from) % 2 === 0 ? 0 : 1];
      return { target, team, enterprise, responseUrl: responseUrlOf(api, from), facts: facts.get(about) ?? {} };
    },
    quiet: async () => void (await Promise.all(processes.flatMap(({ app }) => [...app.running]))),
    mark: () => ({
      calls: api.calls.length,
      mails: processes.map(({ mails }) => mails.length),
      lines: processes.map(({ lines }) => lines.length),
    }),
    since: (mark, answers = new Map()) => arrivedSince({ api, processes }, mark, answers),
    async stop() {
      for (const one of processes) await one.stop();
      await api.close();
    },
  };
}

/** One object of each kind in a workspace, and an invoice of March. Leaves the clock in April. */
export async function billedFacts(clock: TestClock, { team, word }: LookAlike): Promise<Facts> {
  const ctx = contextAt(clock);
  clock.set('2026-03-20T12:00:00Z');
  const facts = await listenerFacts(clock, team, word);
  const { account: accountId = '', group: billingGroupId = '' } = facts;
  const charge = { kind: 'charge' as const, description: `${word} setup`, amount: '100.00', from: '2026-03' };
  await createAdjustment(ctx, { accountId, billingGroupId, ...charge });
  await setParties(accountId, {
    seller: { ...GERMAN_SELLER, legalName: `${word} Cloud GmbH` },
    buyer: { ...GERMAN_BUYER, company: `${word} GmbH`, billingEmails: [`invoices@${word}.example`] },
  });
  clock.set('2026-04-02T12:00:00Z');
  const closed = await closeInvoice(ctx, { _id: billingGroupId, accountId }, toPeriod('2026-03'));
  if (closed.outcome === 'held_back') throw new Error(closed.reason);
  return facts;
}

async function arrivedSince(
  { api, processes }: Pick<LookAlikeWorld, 'api' | 'processes'>,
  mark: Mark,
  answers: ReadonlyMap<LookAlike, string>,
): Promise<Arrived> {
  const strangers: string[] = [];
  const own = new Map(LOOK_ALIKES.map((one) => [one, new Map<string, number>()]));
  const look = (to: LookAlike | undefined, text: string, where: string) => {
    for (const named of namedIn(text)) {
      const counts = named === to ? own.get(named) : undefined;
      if (counts) counts.set(where, (counts.get(where) ?? 0) + 1);
      else strangers.push(`${named.word} in ${to?.team ?? 'no workspace'}: ${where} ${text.slice(0, 300)}`);
    }
  };
  for (const call of api.calls.slice(mark.calls)) {
    const to = reachedBy(call);
    if (!to) strangers.push(`${call.method} reached no workspace`);
    look(to, await readableIn(call), call.method.split('/')[0] ?? '');
  }
  for (const [to, text] of answers) look(to, text, 'answer');
  for (const [at, { lines, mails }] of processes.entries()) {
    for (const { accountId, text } of mails.slice(mark.mails[at])) {
      const team = (await Accounts.findById(accountId).orFail().lean()).teamId;
      look(
        LOOK_ALIKES.find((one) => one.team === team),
        text,
        'mail',
      );
    }
    for (const line of lines.slice(mark.lines[at])) {
      const named = namedIn(JSON.stringify(line));
      const isOfOthers = line.team !== undefined && named.some(({ team }) => team !== line.team);
      if (isOfOthers || named.length > 1) strangers.push(`log: ${JSON.stringify(line)}`);
    }
  }
  return { strangers, own };
}
