import { randomBytes, randomUUID } from 'node:crypto';
import { type Context as BoltContext, webApi } from '@slack/bolt';
import { Refusal } from '../../billing/refusal.ts';
import type { Logger } from '../../platform/logger.ts';
import { errorCode, type Measured, measure } from '../../platform/telemetry.ts';
import { AnsweredBefore, asRequest, DoneBefore } from '../../services/kit/request-keys.ts';
import type { FindAccounts } from '../requests/account-label.ts';
import { within } from '../requests/deadline.ts';
import { faultSentence, refusalSentence } from '../requests/explain.ts';
import { responder } from '../requests/reply.ts';
import { createWork, type Source, type Work } from '../requests/request-context.ts';
import { reportingSlowness } from '../requests/slowness.ts';
import { tell } from '../requests/tell.ts';
import { refusalOf } from '../web-api/api-errors.ts';
import { deliveryOf, keyOf, type Repeats } from './repeated-requests.ts';

const RESPOND_TIMEOUT_MS = 15_000;
const CLAIM_MS = 2_000;
const ANSWERED_ELSEWHERE = 'Another process answers this. It was skipped';
/** Letters and digits that can't be confused when read aloud. */
const FAULT_LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const FAULT_LENGTH = 6;

/** The parts of Bolt's arguments that a listener passes on. */
export interface Arrival {
  readonly source: Source;
  readonly context: BoltContext;
  readonly client: webApi.WebClient;
}

/** Decides which of several processes answers a request, by the key of its delivery and the ID of the run. */
export interface AnswerClaims {
  claim(key: string, by: string): Promise<boolean>;
  release(key: string, by: string): Promise<void>;
}

/** A request in progress after its acknowledgement. */
export interface Doing {
  readonly log: Logger;
  readonly running: Set<Promise<void>>;
  /** For requests that are sent again. */
  readonly repeats: Repeats;
  /** For requests that are delivered to several processes; undefined if there is only one. */
  readonly answers: AnswerClaims | undefined;
  /** After this many milliseconds, the person gets a notice that it is taking longer. */
  readonly slowMs: number;
  /** For people with several accounts, whose answers name the account. */
  readonly findAccounts: FindAccounts;
}

/**
 * Acknowledges, and only then does the work, so that no listener can forget to or be late. Errors in the work become a
 * message to the person and never leave this function, so that Bolt has nothing to add.
 * @throws what `acknowledge` throws: nothing was done then, and Slack sends the request again
 */
export async function acknowledged(
  doing: Doing,
  arrival: Arrival,
  acknowledge: () => Promise<void>,
  run: (work: Work) => Promise<void>,
  /** Returns true if it handled the refusal. */
  refused: (work: Work, refusal: Refusal) => Promise<boolean> = async () => false,
): Promise<void> {
  const work = begin(doing, arrival);
  const measured = measureRequest(work);
  try {
    await acknowledge();
  } catch (error) {
    measured.end({ code: errorCode(error), isFault: true });
    throw error;
  }
  measured.note('acknowledged');
  const handle = () => perform(doing, { work, measured }, arrival, run, refused);
  await track(doing.running, doing.repeats.once(work, handle));
  measured.end();
}

/** Measures a request from its arrival to its answer, under its listener's name. */
export function measureRequest({ source, context }: Work): Measured {
  const { kind, name } = source;
  return measure('slack', `${kind} ${name}`, { 'billing.request_id': context.requestId });
}

/** Creates the context of a request, and logs its arrival. */
export function begin(
  doing: Pick<Doing, 'log' | 'answers' | 'findAccounts'>,
  { source, context, ...arrival }: Arrival,
): Work {
  // marks the request as handled, for `acknowledgeStrays`
  context.listened = true;
  const { workspaceClient } = context;
  // the workspace's own, which background jobs use too, so that both keep one pace
  const client = workspaceClient instanceof webApi.WebClient ? workspaceClient : arrival.client;
  const requestId = randomUUID();
  const teamId = context.teamId ?? '';
  const child = doing.log.child({ requestId, kind: source.kind, name: source.name, team: teamId, user: source.userId });
  if (context.retryNum) child.info({ retry: context.retryNum, reason: context.retryReason }, 'sent again by Slack');
  const respond = responder({
    client,
    responseUrl: source.responseUrl,
    channelId: source.channelId,
    threadTs: source.threadTs,
    userId: source.userId,
    timeoutMs: RESPOND_TIMEOUT_MS,
  });
  let claimed: Promise<boolean> | undefined;
  const mayAnswer = () => {
    claimed ??= claimAnswer(doing, work);
    return claimed;
  };
  const { findAccounts } = doing;
  const work: Work = createWork({ source, requestId, log: child, client, teamId, respond, mayAnswer, findAccounts });
  return work;
}

/** True as well if the database doesn't respond: a person gets two answers rather than none. */
async function claimAnswer({ answers }: Pick<Doing, 'answers'>, work: Work): Promise<boolean> {
  const key = deliveryOf(work);
  if (!answers || key === undefined) return true;
  const late = () => new Error(`no claim within ${CLAIM_MS} ms`);
  try {
    return await within(CLAIM_MS, () => answers.claim(key, work.context.requestId), late);
  } catch (error) {
    work.context.log.warn({ err: error }, 'the answer could not be claimed');
    return true;
  }
}

/** After a failure, the request can be carried out and answered again. */
async function releaseAnswer({ answers }: Doing, work: Work): Promise<void> {
  const key = deliveryOf(work);
  if (!answers || key === undefined) return;
  try {
    await answers.release(key, work.context.requestId);
  } catch (error) {
    work.context.log.warn({ err: error }, 'the answer could not be released');
  }
}

/** Logs a fault under a short ID that a person can read out. */
export function logFault(log: Logger, error: unknown, message: string): string {
  const fault = [...randomBytes(FAULT_LENGTH)].map((byte) => FAULT_LETTERS[byte % FAULT_LETTERS.length]).join('');
  log.error({ fault, err: error instanceof Error ? error : new Error(String(error)) }, message);
  return fault;
}

/** @throws Refusal for a person from another workspace in a shared channel (Slack Connect) */
export function assertHome(context: BoltContext): void {
  if (context.foreign === true) {
    throw new Refusal('foreign_workspace');
  }
}

/** @returns whether the person has their answer; false after a failure */
async function perform(
  doing: Doing,
  { work, measured }: { readonly work: Work; readonly measured: Measured },
  arrival: Arrival,
  run: (work: Work) => Promise<void>,
  refused: (work: Work, refusal: Refusal) => Promise<boolean>,
): Promise<boolean> {
  const { log } = work.context;
  const started = performance.now();
  try {
    assertHome(arrival.context);
    const { requestId } = work.context;
    const carryOut = () => asRequest(keyOf(work), requestId, () => run(work));
    await reportingSlowness(work, doing.slowMs, () => doing.repeats.during(work, carryOut));
    log.debug({ ms: Math.round(performance.now() - started) }, 'done');
  } catch (error) {
    if (error instanceof DoneBefore) {
      log.info('Slack sent this again after it was processed. It was skipped');
      await doing.repeats.answer(work);
    } else if (isUsedUp(error, arrival.context)) {
      log.info('Slack sent this again after its form was opened. It was skipped');
    } else if (error instanceof AnsweredBefore) {
      log.info(ANSWERED_ELSEWHERE);
    } else if (error instanceof Refusal) {
      log.info({ code: error.code }, 'refused');
      if (!(await work.mayAnswer())) log.info(ANSWERED_ELSEWHERE);
      else if (!(await takenCareOf(work, error, refused))) await tell(work, refusalSentence(error));
      measured.end({ code: error.code });
    } else {
      await tell(work, faultSentence(logFault(log, error, 'a request failed'), error));
      await releaseAnswer(doing, work);
      measured.end({ code: errorCode(error), isFault: true });
      return false;
    }
  }
  return true;
}

/** Whether a form couldn't be opened because the same request has already opened it. A trigger opens only one form. */
function isUsedUp(error: unknown, { retryNum }: BoltContext): boolean {
  const word = refusalOf(error);
  return word === 'exchanged_trigger_id' || (word === 'expired_trigger_id' && retryNum !== undefined);
}

async function takenCareOf(
  work: Work,
  refusal: Refusal,
  refused: (work: Work, refusal: Refusal) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await refused(work, refusal);
  } catch (error) {
    logFault(work.context.log, error, 'an error could not be shown in its form');
    return false;
  }
}

/** Adds work to what is running until it has ended. */
export async function track(running: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  running.add(work);
  try {
    await work;
  } finally {
    running.delete(work);
  }
}
