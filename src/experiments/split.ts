/** The share of customers in each arm: parts of 1, the control first, all above 0, at least two. */
export type Split = readonly number[]

/** A treatment arm. */
interface TreatmentArm {
  /** Its part of all customers. */
  readonly share: number
  /** Customers in the control for each customer in this arm. */
  readonly ratio: number
}

/** The arms that are compared with the control. */
export function treatmentArms([control, ...treatments]: Split): TreatmentArm[] {
  return treatments.map((share) => ({ share, ratio: control / share }))
}

/**
 * The alpha of one comparison. With k treatments, Holm's procedure makes its first rejection at α / k, so a plan for this
 * level is enough whichever treatment works (Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure, Scand.
 * J. Statist. 6, 65–70).
 */
export function alphaPerComparison(alpha: number, split: Split): number {
  return alpha / (split.length - 1)
}

/**
 * The largest total, not rounded, whose arms, each rounded up, need at most this many customers. With it, an effect can
 * be shown exactly if `customersByArm` says that the customers are enough.
 */
export function totalWithin(customers: number, split: Split): number {
  let [low, high] = [Math.max(0, customers - split.length), customers]
  // After 60 halvings the range is smaller than the tolerance of `customersByArm`.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    const taken = customersByArm(middle, split).reduce((sum, count) => sum + count, 0)
    if (taken <= customers) low = middle
    else high = middle
  }
  return low
}

/** The customers of each arm, rounded up. @param total  of all arms together */
export function customersByArm(total: number, split: Split): number[] {
  // The tolerance keeps rounding errors from adding a customer.
  return split.map((share) => Math.ceil(total * share - 1e-9))
}
