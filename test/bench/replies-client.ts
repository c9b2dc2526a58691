// A separate process that sends signed requests, twenty at once, and stands in for Slack. The product has its own
// process.
import { performance } from 'node:perf_hooks';
import { clickInView, sendCommand, sendEvent, sendInteraction, type Target } from '../support/slack/signed.ts';
import { say } from './measure.ts';
import { startQuickSlack } from './slack.ts';

const IN_FLIGHT = 20;
const REQUESTS = 400;

/** The duration of one request in milliseconds: to its acknowledgement, and to its whole answer. */
interface Took {
  readonly ack: number;
  readonly whole: number;
}

type Ask = (request: string) => Promise<Response>;

export interface Start {
  readonly target: Target;
  readonly account: string;
}

let made = 0;
const visitors = process.argv.slice(2);
const slack = await startQuickSlack(visitors);
process.once('message', (start: Start) => void drive(start).then(() => process.exit(0)));
process.send?.(slack.apiUrl);

async function drive({ target, account }: Start): Promise<void> {
  const all = asks(target, account);
  const mixed = (at: number): Ask => (all[at % all.length]?.[1] ?? never)(at);
  // code and connections are warm in a running product
  await run(mixed);
  const bare = await run(() => command(target, '/bare', ''));
  report('the framework, saying a constant', bare);
  for (const [name, ask] of all) report(name, await run(ask), bare);
  report('all of them, mixed', await run(mixed), bare);
}

function asks(target: Target, account: string): [string, (at: number) => Ask][] {
  const typed = (text: string) => () => command(target, '/billing', text);
  const group = `bg_${account}_7`;
  const tab = (name: string) => () => (request: string) => {
    const place = JSON.stringify({ account, group, tab: name, page: 1, filter: {} });
    const click = clickInView(
      { action_id: `group.tab.${name}`, value: place },
      { id: request, private_metadata: place },
    );
    return sendInteraction(target, { ...click, trigger_id: request }, { user: 'U1', team: 'T1' });
  };
  return [
    ['/billing groups', typed('groups')],
    ['/billing projects', typed('projects')],
    ['/billing costs', typed('costs')],
    ['/billing invoices', typed('invoices')],
    ['/billing group, by the beginning of a name', typed('group "group 000"')],
    ['/billing group, by its name', typed('group "group 0500"')],
    ['a group’s projects', tab('projects')],
    ['a group’s invoices', tab('invoices')],
    ['a group’s events', tab('events')],
    [
      'the App Home',
      () => (request) => sendEvent(target, homeOpened(slack.visitor(request)), { eventId: request, team: 'T1' }),
    ],
  ];
}

function homeOpened(user: string) {
  return { type: 'app_home_opened', user, channel: 'D1', tab: 'home', event_ts: '1.1' };
}

function command(target: Target, name: string, text: string): Ask {
  return async (request) => {
    const body = { user: 'U1', team: 'T1', responseUrl: slack.responseUrl(request), trigger: request };
    return sendCommand(target, name, text, body);
  };
}

async function run(ask: (at: number) => Ask): Promise<Took[]> {
  const took: Took[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < REQUESTS) {
      const at = next++;
      made += 1;
      took.push(await once(ask(at), `R${made}`));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return took;
}

async function once(ask: Ask, request: string): Promise<Took> {
  const whole = slack.answered(request);
  const began = performance.now();
  const response = await ask(request);
  await response.arrayBuffer();
  const ack = performance.now() - began;
  if (response.status !== 200) throw new Error(`The app answered ${response.status}`);
  await whole;
  return { ack, whole: performance.now() - began };
}

function report(name: string, took: readonly Took[], bare?: readonly Took[]): void {
  const ack = at95(took.map((one) => one.ack));
  const whole = at95(took.map((one) => one.whole));
  const ratio = bare ? `, ${(whole / at95(bare.map((one) => one.whole))).toFixed(1)} times the framework's` : '';
  say(`${name}: 95 of 100 acknowledged in ${ack.toFixed(0)} ms, answered in ${whole.toFixed(0)} ms${ratio}`);
}

function at95(values: readonly number[]): number {
  const inOrder = [...values].sort((a, b) => a - b);
  return inOrder[Math.ceil(inOrder.length * 0.95) - 1] ?? Number.NaN;
}

function never(): never {
  throw new Error('unreachable');
}
