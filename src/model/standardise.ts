/** Where a column's values lie, those that are known. */
export interface Scale {
  readonly mean: number
  /** The population's standard deviation; 0 where the values do not vary, or none is known. */
  readonly deviation: number
}

/** The mean and deviation of the known values; an unknown one is NaN. */
export function scaleOf(values: Float64Array): Scale {
  const known = values.filter((value) => !Number.isNaN(value))
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  // Asked of the values, since the rounding of a mean leaves a constant column a deviation that is not quite 0.
  if (known.every((value) => value === known[0])) return { mean: known[0] ?? 0, deviation: 0 }
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length
  return { mean, deviation: Math.sqrt(variance) }
}

/**
 * Values at mean 0 and population standard deviation 1, those of the known ones; an unknown (NaN) becomes 0, the
 * mean. A column that never varies becomes all 0.
 */
export function standardise(values: Float64Array): Float64Array {
  const { mean, deviation } = scaleOf(values)
  if (deviation === 0) return new Float64Array(values.length)
  return values.map((value) => (Number.isNaN(value) ? 0 : (value - mean) / deviation))
}
