/** An XML message in two parts, so that its many entries can be parsed a few at a time. */
export interface Apart {
  /** The message, with runs of entries replaced by their numbers, `from:to`. */
  readonly rest: string;
  readonly entries: readonly string[];
}

const START = /<((?:[\w.-]+:)?Ntry)(?=[\s>])/g;
const RANGE = /^(\d+):(\d+)$/;

/** Takes a message's entries out of it. One with comments or CDATA, which may hide tags, stays whole. */
export function entriesApart(xml: string): Apart {
  if (xml.includes('<!')) return { rest: xml, entries: [] };
  const entries: string[] = [];
  const rest: string[] = [];
  let run: { readonly from: number } | undefined;
  let at = 0;
  const endRun = () => {
    if (run) rest.push(`<Ntry>${run.from}:${entries.length}</Ntry>`);
    run = undefined;
  };
  START.lastIndex = 0;
  for (let start = START.exec(xml); start; start = START.exec(xml)) {
    const end = endOf(xml, start.index, start[1] ?? '');
    // what isn't complete is for the parser to find
    if (end === undefined) break;
    const between = xml.slice(at, start.index);
    if (!run || between.trim() !== '') {
      endRun();
      rest.push(between);
      run = { from: entries.length };
    }
    entries.push(xml.slice(start.index, end));
    at = end;
    START.lastIndex = end;
  }
  endRun();
  rest.push(xml.slice(at));
  return { rest: rest.join(''), entries };
}

/** A statement of the rest, with its entries in their places. */
export function withEntries(statement: unknown, entries: readonly unknown[]): unknown {
  if (typeof statement !== 'object' || statement === null || !('Ntry' in statement)) return statement;
  const { Ntry: places } = statement;
  if (!Array.isArray(places)) return statement;
  const inPlace = places.flatMap((place: unknown) => {
    const range = typeof place === 'string' ? RANGE.exec(place) : null;
    return range ? entries.slice(Number(range[1]), Number(range[2])) : [place];
  });
  return { ...statement, Ntry: inPlace };
}

/** Where an entry ends that starts here; undefined if it doesn't, or has nothing in it. */
function endOf(xml: string, start: number, name: string): number | undefined {
  const tag = `</${name}`;
  let closing = xml.indexOf(tag, start);
  // such as </NtryDtls>
  while (closing >= 0 && /[\w.-]/.test(xml[closing + tag.length] ?? '')) closing = xml.indexOf(tag, closing + 1);
  const end = closing < 0 ? -1 : xml.indexOf('>', closing);
  if (end < 0 || xml[xml.indexOf('>', start) - 1] === '/') return undefined;
  return end + 1;
}
