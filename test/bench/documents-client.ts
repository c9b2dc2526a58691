// A separate process that types commands, with and without readers of one PDF link, and stands in for Slack.
import { performance } from 'node:perf_hooks';
import { sendCommand, type Target } from '../support/slack/signed.ts';
import { median, say } from './measure.ts';
import { startQuickSlack } from './slack.ts';

const READERS = 20;
const RUNS = 5;
const COMMANDS = 100;
const IN_FLIGHT = 4;

export interface DocumentsStart {
  readonly target: Target;
  /** A group's invoices in the Invoice API, and a token that can read them. */
  readonly invoices: string;
  readonly token: string;
}

let made = 0;
const slack = await startQuickSlack([]);
process.once('message', (start: DocumentsStart) => void drive(start).then(() => process.exit(0)));
process.send?.(slack.apiUrl);

async function drive({ target, invoices, token }: DocumentsStart): Promise<void> {
  const link = await linkOf(invoices, token);
  // code and connections are warm in a running product
  await commands(target);
  const alone: number[] = [];
  const beside: number[] = [];
  let files = 0;
  for (let at = 0; at < RUNS; at++) {
    alone.push(await commands(target));
    const readers = startReaders(link);
    beside.push(await commands(target));
    files += await readers.stop();
  }
  const [without, withReaders] = [median(alone), median(beside)];
  say(
    `Acknowledgement of commands, p99: ${ms(without)} alone, ${ms(withReaders)} beside ${READERS} readers of one PDF link ` +
      `(${files} files read); ratio ${(withReaders / without).toFixed(2)}, medians of ${RUNS} runs of ${COMMANDS} commands`,
  );
}

async function linkOf(invoices: string, token: string): Promise<string> {
  const answer = await fetch(invoices, { headers: { authorization: `Bearer ${token}` } });
  const list = (await answer.json()) as { invoices: Record<string, string | null>[] };
  const issued = list.invoices.find(({ issue_date: date }) => date !== null);
  if (!issued) throw new Error('no invoice has been issued');
  return `${invoices}/${issued.invoice_number}/${issued.download_cookie}`;
}

/** They fetch the file repeatedly, all at once. */
function startReaders(link: string): { stop(): Promise<number> } {
  let isOver = false;
  let files = 0;
  const read = async (): Promise<void> => {
    while (!isOver) {
      const answer = await fetch(link);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`The link answered ${answer.status}`);
      files += 1;
    }
  };
  const all = Promise.all(Array.from({ length: READERS }, read));
  return {
    async stop() {
      isOver = true;
      await all;
      return files;
    },
  };
}

/** @returns the 99th percentile of how long their acknowledgements took, in milliseconds */
async function commands(target: Target): Promise<number> {
  const took: number[] = [];
  let next = 0;
  const type = async (): Promise<void> => {
    while (next < COMMANDS) {
      next += 1;
      made += 1;
      took.push(await acknowledged(target, `R${made}`));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, type));
  took.sort((a, b) => a - b);
  return took[Math.ceil(took.length * 0.99) - 1] ?? Number.NaN;
}

async function acknowledged(target: Target, request: string): Promise<number> {
  const whole = slack.answered(request);
  const person = { user: 'U_OWNER', team: 'T1', responseUrl: slack.responseUrl(request), trigger: request };
  const began = performance.now();
  const answer = await sendCommand(target, '/billing', 'costs', person);
  await answer.arrayBuffer();
  const took = performance.now() - began;
  if (answer.status !== 200) throw new Error(`The app answered ${answer.status}`);
  await whole;
  return took;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
