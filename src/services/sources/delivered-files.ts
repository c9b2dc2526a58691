import { createHash } from 'node:crypto';
import { count } from '../../billing/money/count.ts';
import type { Candidate } from '../../billing/source/deliveries.ts';
import type { DeliveryDoc, SourceDoc } from '../../store/sources/sources.ts';

/** Enough to tell 100,000 names apart. */
const DIGEST_LENGTH = 16;

/** The loads and files of a delivery as of its last import, whatever waits for confirmation since. */
export function lastImported(before: DeliveryDoc | undefined): Required<Pick<DeliveryDoc, 'loads' | 'files'>> {
  const { loads = [], files = [] } = before?.imported ?? before ?? {};
  return { loads, files };
}

/** Digests of the names of files that add up to a month. Empty where they needn't stay: with a manifest, or a newest. */
export function digestsOf({ files: rule }: Pick<SourceDoc, 'files'>, { content }: Candidate): string[] {
  if (content.kind !== 'files' || rule === 'newest') return [];
  return content.files.map(({ key }) => createHash('sha256').update(key).digest('hex').slice(0, DIGEST_LENGTH));
}

/** Why files that add up to a month may be incomplete, in sentences: some of the last import's files are gone. */
export function doubtsAbout(source: Pick<SourceDoc, 'files'>, candidate: Candidate, before: DeliveryDoc | undefined) {
  const now = new Set(digestsOf(source, candidate));
  if (now.size === 0) return [];
  const gone = lastImported(before).files.filter((digest) => !now.has(digest)).length;
  return gone === 0
    ? []
    : [`${count(gone, 'file')} of the last delivery no longer ${gone === 1 ? 'exists' : 'exist'}.`];
}
