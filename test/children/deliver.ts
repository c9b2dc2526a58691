// Numbers events and tells channels, as the product's jobs do, until it is killed.
import { allJobs } from '../../jobs/index.ts';
import { newsJob } from '../../jobs/news.ts';
import { Ticks } from '../../jobs/ticks.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLogger } from '../../src/log.ts';
import { createSlackApp } from '../../src/slack/app.ts';
import { Messenger } from '../../src/slack/messenger.ts';
import { connectStore } from '../../src/store/connect.ts';

const [uri = '', slackApiUrl = '', botToken = '', paceMs = '1000', leaseMs = '60000'] = process.argv.slice(2);
const log = silentLogger();
const way = { kind: 'http', signingSecret: 'a-secret-for-tests' } as const;
const { client } = createSlackApp({ botToken, way, log, clock: systemClock, slackApiUrl });
const messenger = new Messenger(client);
const numbering = allJobs(messenger).filter(({ name }) => name === 'number-events');
const ticks = new Ticks([...numbering, newsJob(messenger, Number(paceMs), Number(leaseMs))], {
  clock: systemClock,
  log,
});

// a database that is down at the start is waited for, as a supervisor would by starting anew
for (;;) {
  try {
    await connectStore(uri);
    break;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
process.stdout.write('running\n');
for (;;) {
  await ticks.run('number-events');
  await ticks.run('news');
  await new Promise((resolve) => setTimeout(resolve, 250));
}
