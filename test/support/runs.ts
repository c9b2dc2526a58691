/**
 * How often a property is tried: the default number, or fewer if PROPERTY_RUNS sets a limit. Mutation testing runs each
 * property hundreds of times.
 */
export function runs(usual: number): number {
  const { PROPERTY_RUNS } = process.env;
  return PROPERTY_RUNS === undefined ? usual : Math.min(usual, Number(PROPERTY_RUNS));
}

/** All items of a list, or as many as PROPERTY_RUNS allows, evenly spread. */
export function sample<T>(all: readonly T[]): T[] {
  const step = Math.ceil(all.length / runs(all.length));
  return all.filter((_, at) => at % step === 0);
}
