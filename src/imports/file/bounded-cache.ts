/**
 * Remembers what a pure function made of its last few thousand texts. Cost files repeat their dates and numbers over and
 * over. When it is full it starts again: memory stays bounded, and no order has to be kept.
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
