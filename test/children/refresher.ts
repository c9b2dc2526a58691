// Uses the bot token of an installation until it is killed. The stand-in's tokens are about to expire when they are
// issued, so each use is a refresh.
import { WebClient } from '@slack/web-api';
import mongoose from 'mongoose';
import { silentLogger } from '../../src/platform/logger.ts';
import { SecretBox } from '../../src/platform/secret-box.ts';
import { installationServing } from '../../src/services/workspaces/installations.ts';
import { TokenRotation } from '../../src/services/workspaces/token-rotation.ts';
import { refreshWith } from '../../src/slack/install/oauth.ts';

const [uri = '', slackApiUrl = '', team = '', key = ''] = process.argv.slice(2);
await mongoose.connect(uri, { autoIndex: false, autoCreate: false });
const clock = { now: () => new Date() };
const client = new WebClient(undefined, { slackApiUrl, retryConfig: { retries: 0 }, timeout: 10_000 });
const rotation = new TokenRotation({
  ...{ clock, log: silentLogger(), leaseMs: 4_000, box: new SecretBox([Buffer.from(key, 'hex')]) },
  refresh: refreshWith(client, { clientId: '1.2', clientSecret: 'a-client-secret' }, clock.now),
});
process.stdout.write('ready\n');
for (;;) {
  const installation = await installationServing(team);
  if (installation) await rotation.tokenOf(installation);
  await rotation.idle();
}
