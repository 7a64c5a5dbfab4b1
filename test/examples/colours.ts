import type { Page } from 'playwright-core'

export interface Colours {
  readonly text: string
  readonly behind: string
}

/** Of the first element of each selector. */
export function colours(page: Page, ...selectors: string[]): Promise<Colours[]> {
  return page.evaluate(
    (all) =>
      all.map((selector) => {
        const { color, backgroundColor } = getComputedStyle(document.querySelector(selector)!)
        return { text: color, behind: backgroundColor }
      }),
    selectors,
  )
}

/** As WCAG 2 defines it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

/** The relative luminance of rgb(…), as WCAG 2 defines it: 0 to 1. */
export function luminance(colour: string): number {
  const [red, green, blue] = colour.match(/[\d.]+/g)!.map((channel) => {
    const part = Number(channel) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
