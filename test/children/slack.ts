// A Slack workspace in a separate process, for a product at the given addresses, which get requests in turn. The seed
// is
// the first message. A later message asks for what is in the workspace, and which faults calls have met.
import { once } from 'node:events';
import { readManifest } from '../../src/local/manifest.ts';
import { type Seed, startWorkspace } from '../../src/local/workspace/index.ts';

const [signingSecret = '', botToken = '', ...urls] = process.argv.slice(2);
const [seed]: Seed[] = await once(process, 'message');
let at = 0;
if (!seed) throw new Error('The seed is missing');
const workspace = await startWorkspace({
  ...{ port: 0, signingSecret, botToken, seed, ...readManifest() },
  appUrl: () => urls[at++ % urls.length],
});
const { faults, state } = workspace;
const met: Record<string, number> = {};
const take = faults.take.bind(faults);
faults.take = (method) => {
  const fault = take(method);
  for (const name of fault ? [`${fault.status ?? fault.kind}`, `${fault.status ?? fault.kind} ${method}`] : [])
    met[name] = (met[name] ?? 0) + 1;
  return fault;
};
process.on('message', ({ id, offerOf }: { id: number; offerOf?: string }) => {
  const ephemerals = state.ephemerals.filter(({ text }) => offerOf === undefined || text.includes(offerOf));
  process.send?.({ id, ephemerals, met, messages: offerOf === undefined ? state.saved().messages : [] });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: workspace.url });
