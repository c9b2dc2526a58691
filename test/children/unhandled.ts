// Stops cleanly after an unhandled error: in a promise, thrown in the background, or twice.
import { createLogger } from '../../src/platform/logger.ts';
import { stopOnSignal } from '../../src/platform/shutdown.ts';

const [what = ''] = process.argv.slice(2);
const log = createLogger({ level: 'info', destination: { write: (line) => void process.stdout.write(line) } });
stopOnSignal(async () => {
  if (what === 'twice') void Promise.reject(new Error('another one'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.stdout.write('closed in order\n');
}, log);
// something always keeps the running product alive
setInterval(() => undefined, 1_000);
if (what === 'thrown') {
  setTimeout(() => {
    throw new Error('nobody waits for this');
  });
} else void Promise.reject(new Error('nobody waits for this'));
