import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { nextPeriod, type Period, shiftPeriod } from '../billing/period.ts';

const FILE = fileURLToPath(new URL('./sample/focus_sample_1000.csv', import.meta.url));
/** The month that the file's charges lie in. */
const MONTH_OF_FILE = '2024-09' as Period;

/**
 * The sample costs as if they were of another month, so that a newcomer sees recent ones: only the months in dates
 * change. (The file's month has 30 days; days that the other month lacks become its 28th.)
 */
export function sampleCosts(month: Period): AsyncIterable<Uint8Array> {
  return createReadStream(FILE, { encoding: 'utf8' }).pipe(moved(month));
}

function moved(month: Period): Transform {
  const next = nextPeriod(month);
  const after = nextPeriod(MONTH_OF_FILE);
  const last = month.endsWith('-02') ? 28 : 30;
  let rest = '';
  const move = (text: string): string =>
    text
      .replaceAll(new RegExp(`"${after}-(\\d\\d) `, 'g'), `"${next}-$1 `)
      .replaceAll(new RegExp(`"${MONTH_OF_FILE}-(\\d\\d) `, 'g'), (_, day: string) =>
        Number(day) > last ? `"${month}-28 ` : `"${month}-${day} `,
      );
  return new Transform({
    decodeStrings: false,
    transform(chunk: string, _encoding, done) {
      const text = rest + chunk;
      // a date may be cut by the end of a chunk: whole lines are moved
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      done(null, Buffer.from(move(text.slice(0, end))));
    },
    flush(done) {
      done(null, Buffer.from(move(rest)));
    },
  });
}

/** The months that the sample is imported for at an instant's month: the two before it, and itself. */
export function sampleMonths(present: Period): Period[] {
  return [shiftPeriod(present, -2), shiftPeriod(present, -1), present];
}
