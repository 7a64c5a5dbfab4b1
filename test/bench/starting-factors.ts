import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Uniform from 0 to 0.01, as implicit starts. */
export function startingFactors(count: number): Float32Array {
  const generator = xoroshiro128plus(1)
  return new Float32Array(count).map(() => 0.01 * uniformFloat32(generator))
}
