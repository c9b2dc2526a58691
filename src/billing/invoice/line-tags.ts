/** A tag that all costs of a line have. */
export interface LineTag {
  readonly key: string;
  readonly value: string;
}

/** The tags that are in both lists, in the order of the first. */
export function commonTags(a: readonly LineTag[], b: readonly LineTag[]): readonly LineTag[] {
  if (a.length === 0 || b.length === 0) return [];
  const inB = new Set(b.map(asText));
  return a.filter((tag) => inB.has(asText(tag)));
}

/** How many tags two lists have in common at their beginning. */
export function sharedStart(a: readonly LineTag[], b: readonly LineTag[]): number {
  const at = a.findIndex((tag, place) => {
    const other = b[place];
    return other === undefined || asText(tag) !== asText(other);
  });
  return at === -1 ? a.length : at;
}

/** Identifies a tag among others. */
export function asText({ key, value }: LineTag): string {
  return JSON.stringify([key, value]);
}

/** `team=core;stage=prod`: as the published CSV writes tags. */
export function tagsText(tags: readonly LineTag[]): string {
  return tags.map(({ key, value }) => `${key}=${value}`).join(';');
}
