/** The ticks of an axis: round numbers from 0 to the first one that is at least `most`. */
export function ticksUpTo(most: number): number[] {
  if (!(most > 0)) return [0, 1]
  const power = Math.floor(Math.log10(most / 5))
  const candidates = [1, 2, 5, 10].map((factor) => ({ factor, step: factor * 10 ** power }))
  const { factor } = candidates.find(({ step }) => most / step <= 5) ?? candidates[3]
  const count = Math.ceil(most / (factor * 10 ** power))
  // Computed by parsing text, since 3 × 0.1 is not 0.3.
  return Array.from({ length: count + 1 }, (_, i) => Number(`${i * factor}e${power}`))
}
