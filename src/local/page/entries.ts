import { useMemo, useState } from 'preact/hooks';
import type { Entries, Entry, Target } from '../workspace/types.ts';
import type { Place } from './desk.ts';

const NONE: Entries = {};
const NO_ERRORS: Place['errors'] = {};

/**
 * What a person enters in a message or view. It is kept when the view is updated or covered by another view.
 * @param key names the view or message
 */
export function useEntries(target: Target, key: string, errors = NO_ERRORS, busy = false): Place {
  const [kept, keep] = useState<{ [key: string]: Entries }>({});
  const entries = kept[key] ?? NONE;
  return useMemo(() => {
    const enter = (blockId: string, actionId: string, entry: Entry) =>
      keep((before) => {
        const known = before[key] ?? NONE;
        return { ...before, [key]: { ...known, [blockId]: { ...known[blockId], [actionId]: entry } } };
      });
    return { target, entries, enter, errors, busy };
  }, [key, entries, errors, busy]);
}
