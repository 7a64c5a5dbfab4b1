/** Texts for the numbers of a design. */

/** Weeks. A longer duration is only an extrapolation and not given as a number. */
const LONGEST_DURATION = 104

/** 112650 → 112,650 */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** A number with some significant digits and a proper minus sign: 0.00113 → 0.00113, 137.754 → 137.8. */
export function rounded(value: number, digits = 4): string {
  const text = value.toLocaleString('en', { maximumSignificantDigits: digits })
  return text.replace('-', '−')
}

/** 0.0113 → 1.13 % */
export function percent(part: number, digits = 3): string {
  return `${rounded(100 * part, digits)} %`
}

/** Like `percent`, but rounded up, so that a smallest effect stays large enough: 0.050001 → 5.01 %. */
export function percentUp(part: number): string {
  const text = hundredfold(part).toLocaleString('en', { maximumSignificantDigits: 3, roundingMode: 'ceil' })
  return `${text} %`
}

/** The smallest effect that can be shown: a rise of 5.2 % or more. */
export function shownText(smallestEffect: number | null): string {
  return smallestEffect === null ? 'no rise, however large' : `a rise of ${percentUp(smallestEffect)} or more`
}

/** 1 → 1 week, 26 → 26 weeks */
export function weeksText(weeks: number): string {
  return weeks === 1 ? '1 week' : `${count(weeks)} weeks`
}

/** A duration: 26 weeks, more than 2 years. @param weeks  null: never */
export function duration(weeks: number | null): string {
  if (weeks === null) return 'never'
  return weeks > LONGEST_DURATION ? 'more than 2 years' : weeksText(weeks)
}

/** A p value: 0.012, or only "below 0.001". */
export function probability(p: number): string {
  return p < 0.001 ? 'below 0.001' : p.toFixed(3)
}

/** a, b and c */
export function enumeration(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** A value in a metric's unit; a proportion in per cent. */
export function inUnit(value: number, kind: 'proportion' | 'mean' | 'ratio', digits = 4): string {
  return kind === 'proportion' ? percent(value, digits) : rounded(value, digits)
}

/** The name of the units of a test. */
export function peopleOf(primary: string): string {
  return primary === 'conversion' ? 'visitors' : 'customers'
}

/** 0.05 → 5, without the noise of binary fractions. */
export function hundredfold(part: number): number {
  return Number((100 * part).toPrecision(12))
}
