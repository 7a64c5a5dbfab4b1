import { greatestSize } from '../kernels/euclidean.ts'

/** The mean and deviation of a column's known values. */
export interface Scale {
  readonly mean: number
  /** The population's standard deviation; 0 where the values do not vary, or none is known. */
  readonly deviation: number
}

/** Between these, sums of squares of any number of values stay within double precision. */
const [LEAST, GREATEST] = [1e-100, 1e100]

/** A scale in a unit of its own, in which squares stay within double precision. */
export interface UnitScale extends Scale {
  /** 1, except for extreme values. */
  readonly unit: number
}

/** The mean and deviation of the known values; an unknown one is NaN. */
export function scaleOf(values: Float64Array): Scale {
  const { unit, mean, deviation } = momentsOf(values)
  return { mean: mean * unit, deviation: deviation * unit }
}

/**
 * The values scaled so that the known ones have mean 0 and population standard deviation 1; an unknown (NaN) becomes 0,
 * the mean. A column that never varies becomes all 0.
 */
export function standardise(values: Float64Array): Float64Array {
  const scale = momentsOf(values)
  return values.map((value) => standardised(value, scale))
}

/** One value, as `standardise` scales it. @param scale  `momentsOf` the column */
export function standardised(value: number, { unit, mean, deviation }: UnitScale): number {
  return deviation === 0 || Number.isNaN(value) ? 0 : (value / unit - mean) / deviation
}

/** Like `scaleOf`, in a unit of its own. */
export function momentsOf(values: Float64Array): UnitScale {
  const known = values.filter((value) => !Number.isNaN(value))
  const greatest = greatestSize(known)
  const unit = greatest === 0 || (greatest >= LEAST && greatest <= GREATEST) ? 1 : greatest
  // Compared directly, since rounding would give a constant column a deviation of not quite 0.
  if (known.every((value) => value === known[0])) return { unit, mean: (known[0] ?? 0) / unit, deviation: 0 }
  const mean = known.reduce((sum, value) => sum + value / unit, 0) / known.length
  const variance = known.reduce((sum, value) => sum + (value / unit - mean) ** 2, 0) / known.length
  return { unit, mean, deviation: Math.sqrt(variance) }
}
