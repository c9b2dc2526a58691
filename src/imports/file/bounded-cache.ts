/**
 * Caches a pure function's results for a few thousand texts: cost files repeat their dates and numbers. When full, the
 * cache is emptied, so that memory stays bounded without tracking the order of use.
 */
export class BoundedCache<Value> {
  readonly #values = new Map<string, Value>();
  readonly #limit: number;
  readonly #make: (text: string) => Value;

  constructor(limit: number, make: (text: string) => Value) {
    this.#limit = limit;
    this.#make = make;
  }

  get(text: string): Value {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = this.#make(text);
    if (this.#values.size >= this.#limit) this.#values.clear();
    this.#values.set(text, value);
    return value;
  }
}
