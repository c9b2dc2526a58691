/**
 * How often a property is tried: the usual number, or fewer where PROPERTY_RUNS sets a limit. Mutation testing runs each
 * property hundreds of times.
 */
export function runs(usual: number): number {
  const { PROPERTY_RUNS } = process.env;
  return PROPERTY_RUNS === undefined ? usual : Math.min(usual, Number(PROPERTY_RUNS));
}
