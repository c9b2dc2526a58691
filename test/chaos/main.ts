// npm run chaos -- delivery [SEED]: 10,000 events told to 50 channels by three processes, one of which is killed every
// second, through a Slack at its worst. npm run chaos -- database [SEED]: the same with a database that is killed and
// started again ten times. Ends with 1 when a channel has not each of its events once and in order.
// npm run chaos -- product [SEED] [MINUTES, 30 if not given]: the whole product, everything around it failing (product/run.ts).
import { setTimeout as wait } from 'node:timers/promises';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { say } from '../bench/measure.ts';
import { runDelivery } from './delivery-run.ts';
import { MortalDatabase } from './mortal-database.ts';
import { runProduct } from './product/run.ts';

const KILLS = 10;
const KILL_EVERY_MS = 15_000;

const [what = 'delivery', seed = '1', events = '10000'] = process.argv.slice(2);
if (what === 'product') {
  const minutes = Number(process.argv[4] ?? 30);
  const { lines, isSound } = await runProduct({ seed: Number(seed), minutes, onProgress: say });
  for (const line of lines) say(line);
  process.exit(isSound ? 0 : 1);
}
const database = new MortalDatabase();
await database.start();
try {
  await connectStore(database.uri);
  const killings = async (): Promise<void> => {
    for (let kills = 1; kills <= KILLS; kills++) {
      await wait(KILL_EVERY_MS);
      await database.kill();
      await database.start();
      say(`database killed and started again: ${kills}`);
    }
  };
  const outcome = await runDelivery({
    ...{ uri: database.uri, events: Number(events), channels: 50, processes: 3 },
    ...{ killEveryMs: 1_000, eventEveryMs: 1_000, paceMs: 1_000, killsAfterMs: 60_000 },
    ...{ share: 0.3, slowestMs: 10_000, seed: Number(seed) },
    onProgress: say,
    ...(what === 'database' && { meanwhile: killings }),
  });
  const { faults, messages, kills, seconds, outcomes } = outcome;
  say(`${events} events in ${messages} messages to 50 channels, ${kills} kills, ${seconds} s, seed ${seed}`);
  for (const [call, count] of [...outcomes].sort()) say(`  ${call}: ${count}`);
  for (const fault of faults) say(`FAULT ${fault}`);
  say(faults.length === 0 ? 'Each channel has each of its events once and in order.' : `${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await disconnectStore();
  await database.remove();
}
