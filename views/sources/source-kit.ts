import { Refusal } from '../../src/billing/refusal.ts';
import type { SourceTools } from '../../src/services/sources/source-storage.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';

/** Opens the form for the columns of a source's files. Its value is a target with account and the source's ID as name. */
export const SOURCE_MAP = 'source.map';

/** What reads sources. @throws {Refusal} `secrets_key_missing` where this process can’t */
export function toolsOf({ sources }: Pick<Deps, 'sources'>): SourceTools {
  if (!sources) throw new Refusal('secrets_key_missing');
  return sources;
}
