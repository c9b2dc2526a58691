// A Slack workspace in a process of its own, for a product at the addresses given: requests go to each in turn. The seed
// comes as the first message; a later message asks for what stands in the workspace.
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
process.on('message', ({ id, offerOf }: { id: number; offerOf?: string }) => {
  const { state } = workspace;
  const ephemerals = state.ephemerals.filter(({ text }) => offerOf === undefined || text.includes(offerOf));
  process.send?.({ id, ephemerals, messages: offerOf === undefined ? state.saved().messages : [] });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: workspace.url });
