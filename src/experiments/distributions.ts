/**
 * The probability distributions of designs: Cephes, which SciPy also uses, compiled to WebAssembly; within 1e-10 of SciPy
 * (test/experiments/statsmodels.test.ts).
 */
let cephes: typeof import('cephes')

/** Loads the module. Await it before calling any other function here. */
export async function openDistributions(): Promise<void> {
  const loaded = await import('cephes')
  await loaded.compiled
  cephes = loaded
}

/** Φ(z), the probability that a standard normal number is at most z; the other tail is Φ(−z). */
export function normalCdf(z: number): number {
  return cephes.ndtr(z)
}

/** z with Φ(z) = `probability`. */
export function normalQuantile(probability: number): number {
  return cephes.ndtri(probability)
}

/** t with P(Student's t ≤ t) = `probability`. @param degreesOfFreedom  a whole number from 1 */
export function tQuantile(probability: number, degreesOfFreedom: number): number {
  return cephes.stdtri(degreesOfFreedom, probability)
}

/** The probability that chi-square is greater than `statistic`. */
export function chiSquareTail(statistic: number, degreesOfFreedom: number): number {
  return cephes.chdtrc(degreesOfFreedom, statistic)
}
