/** A count and what is counted, in the right number: `1 project`, `12 projects`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
