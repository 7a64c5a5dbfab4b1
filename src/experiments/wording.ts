/** Numbers of a design as people read them. */

/** Beyond so many weeks a duration is no plan, only an extrapolation: it is not given in numbers. */
const LONGEST_DURATION = 104

/** 112650 → 112,650 */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** A number with so many significant digits: 0.00113 → 0.00113, 137.754 → 137.8; with a proper minus sign. */
export function rounded(value: number, digits = 4): string {
  const text = value.toLocaleString('en', { maximumSignificantDigits: digits })
  return text.replace('-', '−')
}

/** 0.0113 → 1.13 % */
export function percent(part: number, digits = 3): string {
  return `${rounded(100 * part, digits)} %`
}

/** Like `percent`, rounded up, so that what is the least stays enough: 0.050001 → 5.01 %. */
export function percentUp(part: number): string {
  const text = hundredfold(part).toLocaleString('en', { maximumSignificantDigits: 3, roundingMode: 'ceil' })
  return `${text} %`
}

/** What a time shows: a rise of 5.2 % or more. */
export function shownText(smallestEffect: number | null): string {
  return smallestEffect === null ? 'no rise, however large' : `a rise of ${percentUp(smallestEffect)} or more`
}

/** 1 → 1 week, 26 → 26 weeks */
export function weeksText(weeks: number): string {
  return weeks === 1 ? '1 week' : `${count(weeks)} weeks`
}

/** How long something takes: 26 weeks, more than 2 years. @param weeks  null: it will never be done */
export function duration(weeks: number | null): string {
  if (weeks === null) return 'never'
  return weeks > LONGEST_DURATION ? 'more than 2 years' : weeksText(weeks)
}

/** p as far as it matters: 0.012; below a thousandth only that. */
export function probability(p: number): string {
  return p < 0.001 ? 'below 0.001' : p.toFixed(3)
}

/** a, b and c */
export function enumeration(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** A value in a metric's unit: a share in per cent. */
export function inUnit(value: number, kind: 'proportion' | 'mean' | 'ratio', digits = 4): string {
  return kind === 'proportion' ? percent(value, digits) : rounded(value, digits)
}

/** What a test's units are called. */
export function peopleOf(primary: string): string {
  return primary === 'conversion' ? 'visitors' : 'customers'
}

/** 0.05 → 5, without the noise of binary fractions. */
export function hundredfold(part: number): number {
  return Number((100 * part).toPrecision(12))
}
