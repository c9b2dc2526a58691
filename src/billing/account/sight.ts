/**
 * Which of an account's billing groups a reader sees: all but the private ones of other people (domain.md, Permissions).
 * Queries over a whole account require it, so that none of them can forget the private groups.
 */
export class Sight {
  /** The private groups that stay hidden, in ascending order. */
  readonly hidden: readonly string[];
  private readonly ids: ReadonlySet<string>;

  constructor(hidden: readonly string[]) {
    this.hidden = [...hidden].sort();
    this.ids = new Set(hidden);
  }

  /** Whether nothing is hidden. */
  get isWhole(): boolean {
    return this.hidden.length === 0;
  }

  /** The same for the same hidden groups, to keep what was read for one reader from another. */
  get key(): string {
    return this.hidden.join();
  }

  sees(billingGroupId: string): boolean {
    return !this.ids.has(billingGroupId);
  }

  /** Those that belong to groups that the reader sees, in their order. */
  among<T extends { readonly billingGroupId: string }>(all: readonly T[]): T[] {
    return all.filter(({ billingGroupId }) => this.sees(billingGroupId));
  }
}

/** For background work, and for people who see all groups. */
export const FULL_SIGHT = new Sight([]);

/** What stands for the name of a group that a reader doesn't see, where they learn that there is one. */
export const PRIVATE_GROUP = 'a private billing group';
