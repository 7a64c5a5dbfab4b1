/**
 * The distributions that designs are computed from: Cephes, as SciPy has it, compiled to WebAssembly; within 1e-10 of
 * SciPy (test/experiments/statsmodels.test.ts).
 */
let cephes: typeof import('cephes')

/** Has to have been awaited before any other function here is called: the module compiles when it is first needed. */
export async function openDistributions(): Promise<void> {
  const loaded = await import('cephes')
  await loaded.compiled
  cephes = loaded
}

/** Φ(z), the chance that a standard normal number is at most z; its other tail is Φ(−z). */
export function normalCdf(z: number): number {
  return cephes.ndtr(z)
}

/** z with Φ(z) = `probability`. */
export function normalQuantile(probability: number): number {
  return cephes.ndtri(probability)
}

/** t with a chance of `probability` that Student's t is at most that. @param degreesOfFreedom  a whole number from 1 */
export function tQuantile(probability: number, degreesOfFreedom: number): number {
  return cephes.stdtri(degreesOfFreedom, probability)
}

/** The chance that chi-square of so many degrees of freedom is greater than `statistic`. */
export function chiSquareTail(statistic: number, degreesOfFreedom: number): number {
  return cephes.chdtrc(degreesOfFreedom, statistic)
}
