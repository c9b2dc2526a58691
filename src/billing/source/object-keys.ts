import { type Period, toPeriod } from '../period/period.ts';

/** Ways to write a month in a key, the clearest first. Each has the year and the month as its groups. */
const MONTHS: readonly RegExp[] = [
  /(?:^|\/)BILLING_PERIOD=(\d{4})-(\d{2})(?=\/|$)/i,
  /(?:^|\/)(\d{4})(\d{2})\d{2}-\d{8}(?=\/|$)/,
  /(?:^|\/)year=(\d{4})\/month=(\d{1,2})(?=\/|$)/i,
  /(?:^|\D)(20\d{2})-(\d{2})(?!\d)/,
  /(?:^|\/)(20\d{2})\/(\d{2})(?=\/|$)/,
  /(?:^|\D)(20\d{2})(\d{2})(?:\d{2})?(?!\d)/,
];
/** Folders in which AWS and Azure announce complete files by a manifest. */
const ANNOUNCED = /(?:^|\/)(?:data\/BILLING_PERIOD=\d{4}-\d{2}|\d{8}-\d{8})\//i;
const MANIFEST = /manifest\.json$/i;
/** Files that lie beside cost files, and those that are empty folders in disguise. */
const NOT_COSTS =
  /(?:^|\/)[._][^/]*$|\/$|\.(?:json|md5|sha\d*|crc|sql|txt|xml|html?|pdf|ya?ml|md|log|tmp|part|filepart)$/i;

/** The month in a key, and what comes before it. */
export interface MonthInKey {
  readonly month: Period;
  /** The folder of the export, without its subfolders for data and metadata. */
  readonly root: string;
}

/** The billing month that a key names; undefined if it names none. */
export function monthInKey(key: string): MonthInKey | undefined {
  for (const way of MONTHS) {
    const found = way.exec(key);
    const [, year = '', month = ''] = found ?? [];
    if (!found || Number(month) < 1 || Number(month) > 12) continue;
    const before = key.slice(0, found.index + (found[0].startsWith('/') ? 1 : 0));
    const root = before.slice(0, before.lastIndexOf('/') + 1).replace(/(?:^|\/)(?:data|metadata)\/$/i, '/');
    return { month: toPeriod(`${year}-${month.padStart(2, '0')}`), root: root === '/' ? '' : root };
  }
  return undefined;
}

/** Whether it is the list of an export's parts. */
export function isManifestKey(key: string): boolean {
  return MANIFEST.test(key);
}

/** Whether a file in this place is only complete once its manifest is there. */
export function isAnnouncedKey(key: string): boolean {
  return ANNOUNCED.test(key) && isCostKey(key);
}

/** Whether it may contain costs, by its name. */
export function isCostKey(key: string): boolean {
  return !NOT_COSTS.test(key);
}

/** The folder of a key, with its last slash; empty at the top. */
export function folderOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** The name of a file without its folders. */
export function nameOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
