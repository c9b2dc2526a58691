// Sets this process's clock ahead by the milliseconds in the file named by CHAOS_CLOCK, which can change while it runs:
// every
// machine in a chaos run has the same clock, except the database's.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const file = process.env.CHAOS_CLOCK ?? '';
let aheadMs = 0;

function read(): void {
  // a file that is being written is read next time
  const text = readFileSync(file, 'utf8');
  if (/^\d+$/.test(text)) aheadMs = Number(text);
}

if (file !== '') {
  read();
  setInterval(read, 100).unref();
  const now = () => RealDate.now() + aheadMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
}
