/**
 * What the verifier reads a language by: a closed list of words. A word that is not on it, and is not part of the
 * evidence either, is something that nobody computed, and so the sentence it stands in is rejected. That is strict,
 * and right: a rejected sentence costs a template in its place, an accepted one costs the reader's trust.
 */

import type { Deed } from '../deed.ts'

/** What a word claims, and so what has to be among the cited evidence (claims.ts). */
export type Claim =
  | 'taste'
  | 'liking'
  | 'likeness'
  | 'sameness'
  | 'together'
  | 'order'
  | 'others'
  | 'category'
  | 'seller'
  | 'price'
  | 'weight'
  | 'size'
  | 'sales'
  | 'latest'
  | 'repetition'
  | 'past'

/**
 * Patterns read text in which the recommended product stands as ⓟ, one of the history as ⓑ, a month as ⓜ, a day that
 * sales are counted from or up to as ⓓ and a label as ⓛ; they are matched without regard to case.
 */
export interface Lexicon {
  /** Words that claim nothing of the shop, of the product or of the reader. */
  readonly neutral: ReadonlySet<string>
  readonly claims: ReadonlyMap<string, Claim>
  /** Turns of phrase that claim nothing, or what `reader` reads, though their words alone would: “you may like”. */
  readonly harmless: RegExp
  /** Tells the reader to do something. */
  readonly urging: RegExp
  /** The recommended product by its category. @param category  a pattern */
  recommended(category: string): string
  /** A product of the history by its category. */
  purchased(category: string): string
  /** A column and, in brackets, the label that two products share there. */
  sharedLabel(column: string, label: string): string
  /** What follows a count of customers, of orders, of days up to a date, of units. */
  readonly customers: RegExp
  readonly orders: RegExp
  readonly days: RegExp
  /** Says from and up to when sales were counted: “30 days to ⓓ”, “by ⓓ”. Days are spoken of in no other words. */
  readonly dates: RegExp
  readonly units: RegExp
  /** Whether a count of units tells of sales to anybody, and not of what the reader bought. */
  isOfSales(before: string, after: string): boolean
  /** Says that the reader did this with something. */
  readonly reader: Readonly<Record<Deed, RegExp>>
  /** Says that the reader bought or chose the recommended product, or looks at it. */
  readonly readerHasIt: RegExp
  /** Tells of the sales of a product of the history: only those of the recommended product are known. */
  readonly purchaseSold: RegExp
  /** A number as it is written. */
  numberOf(digits: string): number
}

/** The words of a text, separated by white space. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter(Boolean))
}

/** Each word of each claim, and what it claims. */
export function claimWords(words: Readonly<Record<Claim, string>>): ReadonlyMap<string, Claim> {
  const entries = Object.entries(words) as [Claim, string][]
  return new Map(
    entries.flatMap(([claim, text]) => Array.from(wordSet(text), (word) => [word, claim] as const)),
  )
}
