// patterns for texts that people type, letter by letter: nothing in them has a meaning of its own

/** Of texts that begin with what was typed. */
export function beginningWith(typed: string): RegExp {
  return new RegExp(`^${literally(typed)}`);
}

/** Of texts that hold what was typed, without regard to case. */
export function holding(typed: string): RegExp {
  return new RegExp(literally(typed), 'i');
}

function literally(typed: string): string {
  return typed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
