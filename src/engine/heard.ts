/**
 * What a source that speaks of few products says to one customer: a number v a product, 0 or small for all but the
 * products it proposes.
 */
export interface Heard {
  /** v; null where the source can say nothing of the product. */
  value(product: number): number | null
  /** The products it proposes: each once, and among them every one of v above `rest`. */
  products(): Iterable<number>
  /** The products of the greatest v, best first, ties to the lower index; at most `limit`. */
  best(limit: number): number[]
  /** What v of no product exceeds that it does not propose. */
  readonly rest: number
}

/** A source that speaks of the products of a map alone. @param knows  whether it could say anything of a product */
export function heardOf(values: ReadonlyMap<number, number>, knows: (product: number) => boolean): Heard {
  return {
    value: (product) => values.get(product) ?? (knows(product) ? 0 : null),
    products: () => values.keys(),
    best: (limit) => bestOf([...values], limit),
    rest: 0,
  }
}

/** The products of the greatest values, best first, ties to the lower index. */
export function bestOf(
  valued: readonly (readonly [product: number, value: number])[],
  limit: number,
): number[] {
  const values = new Float64Array(valued.length)
  for (let i = 0; i < values.length; i++) values[i] = valued[i][1]
  const least = valueAt(values, limit - 1) ?? -Infinity
  return valued
    .filter(([, value]) => value >= least)
    .sort(([a, va], [b, vb]) => vb - va || a - b)
    .slice(0, limit)
    .map(([product]) => product)
}

/** The value at a place of the descending order, which the values are left in, reversed; undefined beyond its end. */
export function valueAt(values: Float64Array, place: number): number | undefined {
  return values.sort()[values.length - 1 - place]
}
