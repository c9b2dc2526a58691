/** A count with its noun in singular or plural: `1 project`, `12 projects`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
