/**
 * What a person means by a name or its beginning: a name as it is, else the only one that begins with what was typed,
 * else the only one of whose words one does. Spaces, hyphens and underscores are the same.
 *
 * @returns all that may be meant: one, several or none
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
