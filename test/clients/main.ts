// npm run clients -- avn FOLDER [FILE]: every command that the published Python client has for billing groups, against the
// API. FOLDER has the packages of the client and what it needs, FILE gets its requests. Ends with 1 for a wrong exit code or
// output.
// npm run clients -- slack FOLDER: a day of the product against a Slack that nobody here wrote. FOLDER has the package emulate.

import { say } from '../bench/measure.ts';
import { MortalDatabase } from '../chaos/mortal-database.ts';
import { runAvn } from './avn.ts';
import { spendDay } from './slack/day.ts';
import { startEmulate } from './slack/emulate.ts';
import { startClientWorld } from './world.ts';

const [client, folder = '', target] = process.argv.slice(2);
if (client === 'avn') process.exitCode = await avn();
else if (client === 'slack') await slack();
else throw new Error('npm run clients -- avn FOLDER [FILE], or slack FOLDER');
process.exit();

async function avn(): Promise<number> {
  const world = await startClientWorld();
  try {
    const faults = await runAvn(world, folder, target);
    for (const fault of faults) say(`FAULT ${fault}`);
    say(faults.length === 0 ? 'Each command does what it says.' : `${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await world.stop();
  }
}

async function slack(): Promise<void> {
  const database = new MortalDatabase();
  await database.start();
  try {
    const stranger = await startEmulate(folder);
    await spendDay(stranger, database.uri).finally(() => stranger.stop());
  } finally {
    await database.remove();
  }
}
