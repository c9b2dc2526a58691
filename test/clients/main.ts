// npm run clients -- avn FOLDER [FILE]: every command that the published Python client has for billing groups, against the
// API. FOLDER has the packages of the client and what it needs, FILE gets its requests. Ends with 1 for a wrong exit code or
// output.
import { say } from '../bench/measure.ts';
import { runAvn } from './avn.ts';
import { startClientWorld } from './world.ts';

const [client, folder = '', target] = process.argv.slice(2);
if (client !== 'avn') throw new Error('npm run clients -- avn FOLDER [FILE]');
const world = await startClientWorld();
try {
  const faults = await runAvn(world, folder, target);
  for (const fault of faults) say(`FAULT ${fault}`);
  say(faults.length === 0 ? 'Each command does what it says.' : `${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await world.stop();
}
process.exit();
