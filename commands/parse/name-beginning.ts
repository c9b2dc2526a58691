/**
 * What a person means by a name or its beginning: the exact name, or else the only name that starts with what was
 * typed, or else the only one with a word that does. Spaces, hyphens and underscores are equal.
 *
 * @returns all matches: one, several or none
 */
export function meant<Name extends string>(names: readonly Name[], typed: string): readonly Name[] {
  const key = typed
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  if (key === '') return [];
  const ways: readonly ((name: Name) => boolean)[] = [
    (name) => name === key,
    (name) => name.startsWith(key),
    (name) => name.split('_').some((word) => word.startsWith(key)),
  ];
  return ways.map((way) => names.filter(way)).find((found) => found.length > 0) ?? [];
}
