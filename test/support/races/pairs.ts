import { COST_PAIRS } from './cost-pairs.ts';
import { GROUP_PAIRS } from './group-pairs.ts';
import { MONEY_PAIRS } from './money-pairs.ts';
import type { Pair } from './pair.ts';

/** Every pair of changes that depend on each other, by what they are. */
export const PAIRS: Readonly<Record<string, Pair>> = { ...MONEY_PAIRS, ...COST_PAIRS, ...GROUP_PAIRS };
