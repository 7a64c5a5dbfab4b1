/** The functions used from Cephes: the package has types, but its `exports` hide them from imports. */
declare module 'cephes' {
  export const compiled: Promise<void>
  export function ndtr(z: number): number
  export function ndtri(probability: number): number
  export function stdtri(degreesOfFreedom: number, probability: number): number
  export function chdtrc(degreesOfFreedom: number, statistic: number): number
}
