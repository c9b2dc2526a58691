import type { RaceWorld } from './race-world.ts';

export type Given = Pick<RaceWorld, 'clock' | 'cards' | 'stripe'>;
export type Work = () => Promise<unknown>;

/** Two changes that are made at the same instant. */
export interface Pair<World extends RaceWorld = RaceWorld> {
  world(given: Given): Promise<World>;
  works(world: World): readonly [Work, Work] | Promise<readonly [Work, Work]>;
  /** How the two may end, `done` or a refusal’s code each; anything without it. */
  readonly outcomes?: readonly string[];
  /** What must hold besides the common guarantees. */
  faults?(world: World): Promise<string[]>;
}

/** The same for any world: each pair gets only what its own `world` made. */
export function pair<World extends RaceWorld>(of: Pair<World>): Pair {
  return of as unknown as Pair;
}
