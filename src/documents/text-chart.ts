import type { Curve } from './block.ts'

const LONGEST_BAR = 40
const MOST_ROWS = 8

/** A curve as lines of text: a bar from 0 for each of at most eight points, evenly chosen, and one for the level. */
export function textChart({ title, axes, points, level }: Curve): string[] {
  const last = points.length - 1
  const rows = Math.min(MOST_ROWS, points.length)
  const chosen = Array.from(
    { length: rows },
    (_, row) => points[rows === 1 ? 0 : Math.round((row * last) / (rows - 1))],
  )
  const bars = [
    ...chosen.map(([x, y]) => ({ name: String(x), value: y })),
    { name: level.name, value: level.y },
  ]
  const most = Math.max(...bars.map(({ value }) => value))
  const width = Math.max(...bars.map(({ name }) => name.length))
  const decimals = Math.max(...bars.map(({ value }) => String(value).split('.')[1]?.length ?? 0))
  const texts = bars.map(({ value }) => value.toFixed(decimals))
  const digits = Math.max(...texts.map((text) => text.length))
  return [
    `${title}: ${axes[1]}, by ${axes[0]}`,
    '',
    ...bars.map(({ name, value }, row) => {
      const length = most > 0 ? Math.round((value / most) * LONGEST_BAR) : 0
      return `${name.padStart(width)}  ${texts[row].padStart(digits)}  ${'█'.repeat(length)}`.trimEnd()
    }),
  ].map((line) => line.replaceAll(/[\r\n]+/g, ' '))
}
