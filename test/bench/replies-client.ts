// A separate process that sends signed requests, twenty at once, and stands in for Slack. The product has its own
// process.
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { TABS } from '../../views/group/place.ts';
import { clickInView, sendCommand, sendEvent, sendInteraction, type Target } from '../support/slack/signed.ts';
import { judge, median, percentile, RUNS, say } from './measure.ts';
import { startQuickSlack } from './slack.ts';

const IN_FLIGHT = 20;
const REQUESTS = 100;
/** Targets: milliseconds, and times the framework. */
const MOST_MS = 200;
const MOST_TIMES = 3;

/** The duration of one request in milliseconds: to its acknowledgement, and to its whole answer. */
interface Took {
  readonly ack: number;
  readonly whole: number;
}

/** Commands that only read, and answer with what they have read. */
const READING = [
  ...['help', 'account', 'groups', 'group "group 000"', 'group "group 0500"', 'projects', 'projects "group 0500"'],
  ...['projects mine', 'project project-00500', 'costs', 'costs mine', 'invoices', 'invoices "group 0500"'],
  ...['invoice LARGE-7', 'invoice LARGE-7 why', 'aging', 'budget', 'requests', 'events', 'payments', 'members'],
  ...['settings', 'rate', 'tax', 'numbers', 'credit', 'notify', 'jobs', 'token', 'info "group 0500"'],
  ...['compare', 'compare "group 0500"', 'forecast', 'forecast "group 0500"', 'discount', 'charge', 'commitment'],
  ...['digest', 'import', 'events "group 0500"', 'preview "group 0500"', 'dry-run'],
];

type Ask = (request: string) => Promise<Response>;

export interface Start {
  readonly target: Target;
  readonly account: string;
  /** Only requests whose names contain this. */
  readonly only?: string | undefined;
  readonly how: 'at once' | 'one by one';
}

let made = 0;
const visitors = process.argv.slice(2);
const slack = await startQuickSlack(visitors);
process.once(
  'message',
  (start: Start) => void (start.how === 'at once' ? drive(start) : askEach(start)).then(() => process.exit(0)),
);
process.send?.(slack.apiUrl);

async function drive({ target, account, only = '' }: Start): Promise<void> {
  const all = asks(target, account).filter(([name]) => name.includes(only));
  const mixed = (at: number): Ask => (all[at % all.length]?.[1] ?? never)(at);
  const bare = () => run(() => command(target, '/bare', ''));
  // code and connections are warm in a running product
  await run(mixed);
  await bare();
  for (const [name, ask] of [...all, ['all of them, mixed', mixed] as const]) {
    const runs: { ack: number; whole: number; times: number; framework: number }[] = [];
    for (let at = 0; at < RUNS; at += 1) {
      // one beside the other, since the machine may have other work
      const [alone, took] = [await bare(), await run(ask)];
      const [framework, whole] = [alone, took].map((all) =>
        percentile(
          all.map((one) => one.whole),
          0.95,
        ),
      ) as [number, number];
      const ack = percentile(
        took.map((one) => one.ack),
        0.95,
      );
      runs.push({ ack, whole, framework, times: whole / framework });
    }
    const of = (figure: keyof (typeof runs)[number]) => median(runs.map((one) => one[figure]));
    judge(
      `${name}: 95 of 100 acknowledged in ${of('ack').toFixed(0)} ms; answered, and times the framework (${of('framework').toFixed(0)} ms)`,
      { value: of('whole'), most: MOST_MS, unit: ' ms' },
      { value: of('times'), most: MOST_TIMES },
    );
  }
  say(`Medians of ${RUNS} runs of ${REQUESTS} requests, ${IN_FLIGHT} in flight`);
}

/** Asks each once more after a first time that isn't counted, and tells the product's process before and after. */
async function askEach({ target, account, only = '' }: Start): Promise<void> {
  for (const [name, ask] of asks(target, account).filter(([each]) => each.includes(only))) {
    await one(ask(0));
    await tell({ kind: 'about to ask' });
    const { whole } = await one(ask(0));
    await tell({ kind: 'answered', name, ms: whole });
  }
}

/** Resolves when the product's process has noted it. */
async function tell(progress: object): Promise<void> {
  const noted = once(process, 'message');
  process.send?.(progress);
  await noted;
}

/** A request with a name of its own. */
function one(ask: Ask): Promise<Took> {
  made += 1;
  return timed(ask, `R${made}`);
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
    ...READING.map((text): [string, (at: number) => Ask] => [`/billing ${text}`, typed(text)]),
    ...TABS.map((name): [string, (at: number) => Ask] => [`a group’s tab: ${name}`, tab(name)]),
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
      took.push(await one(ask(next++)));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return took;
}

async function timed(ask: Ask, request: string): Promise<Took> {
  const whole = slack.answered(request);
  const began = performance.now();
  const response = await ask(request);
  await response.arrayBuffer();
  const ack = performance.now() - began;
  if (response.status !== 200) throw new Error(`The app answered ${response.status}`);
  await whole;
  return { ack, whole: performance.now() - began };
}

function never(): never {
  throw new Error('unreachable');
}
