/** How customers are shared out between the arms: parts of 1, the control first, all above 0, at least two. */
export type Split = readonly number[]

/** A treatment arm. */
interface TreatmentArm {
  /** The part of all customers that is in it. */
  readonly share: number
  /** Customers in the control for each in it. */
  readonly ratio: number
}

/** The arms that are compared with the control. */
export function treatmentArms([control, ...treatments]: Split): TreatmentArm[] {
  return treatments.map((share) => ({ share, ratio: control / share }))
}

/**
 * α of one comparison: with k treatments Holm's procedure has to reject its first at α / k, so a plan that counts on
 * that holds whichever of them works (Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure, Scand. J.
 * Statist. 6, 65–70).
 */
export function alphaPerComparison(alpha: number, split: Split): number {
  return alpha / (split.length - 1)
}

/**
 * The largest total, not rounded, whose arms, each rounded up, take at most so many customers: what these customers are
 * worth, so that an effect is shown by them exactly where `customersByArm` says that they are enough.
 */
export function totalWithin(customers: number, split: Split): number {
  let [low, high] = [Math.max(0, customers - split.length), customers]
  // 60 halvings of a range of a few customers leave less than the hair of `customersByArm`.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    const taken = customersByArm(middle, split).reduce((sum, count) => sum + count, 0)
    if (taken <= customers) low = middle
    else high = middle
  }
  return low
}

/** Customers of each arm, each rounded up. @param total  of all arms together */
export function customersByArm(total: number, split: Split): number[] {
  // A hair less, so that 2 × 0.5 of an exact number is not taken for more.
  return split.map((share) => Math.ceil(total * share - 1e-9))
}
