// patterns for text typed by people, in which no character has a special meaning

/** Matches texts that start with the typed text. */
export function beginningWith(typed: string): RegExp {
  return new RegExp(`^${literally(typed)}`);
}

/** Matches texts that contain the typed text, ignoring case. */
export function holding(typed: string): RegExp {
  return new RegExp(literally(typed), 'i');
}

function literally(typed: string): string {
  return typed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
