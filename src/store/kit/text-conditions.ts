// conditions on texts; in those that people typed, no character has a special meaning

/** Matches texts that start with the typed text. */
export function beginningWith(typed: string): RegExp {
  return new RegExp(`^${literally(typed)}`);
}

/** Matches texts that contain the typed text, ignoring case. */
export function holding(typed: string): RegExp {
  return new RegExp(literally(typed), 'i');
}

/**
 * One of these texts, by an index of nothing but texts. It is only used by a query that says that it looks for a text:
 * MongoDB doesn't conclude that from the values, and reads all of the account's documents instead.
 */
export function oneOfTexts(values: readonly string[]) {
  return { $in: [...values], $type: 'string' as const };
}

/** This text, by an index of nothing but texts; see `oneOfTexts`. */
export function theText<T extends string>(value: T) {
  return { $eq: value, $type: 'string' as const };
}

function literally(typed: string): string {
  return typed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
