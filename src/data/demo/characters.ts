/** How kinds of customers differ: what makes the five segments that k-means is to find again. */
export interface Character {
  /** Of all customers. */
  readonly share: number
  readonly orders: readonly [least: number, most: number]
  /** When they buy, from 0 (the opening) to 1 (the closing). */
  readonly active: readonly [from: number, to: number]
  /** Line items beyond the first, on average. */
  readonly appetite: number
  /** Of buying again what they bought before. */
  readonly loyalty: number
  /** Of taking the dearer of two products. */
  readonly luxury: number
  /** Of an order that comes late. */
  readonly lateness: number
  /** What they add to a review score. */
  readonly mood: number
}

export const CHARACTERS: readonly Character[] = [
  // Content and quiet: once or twice, at any time.
  {
    share: 45,
    orders: [1, 2],
    active: [0, 1],
    appetite: 0.3,
    loyalty: 0.05,
    luxury: 0,
    lateness: 0.03,
    mood: 0,
  },
  // Enthusiasts: lately, often, and full of praise.
  {
    share: 25,
    orders: [2, 5],
    active: [0.55, 1],
    appetite: 0.7,
    loyalty: 0.1,
    luxury: 0.1,
    lateness: 0.02,
    mood: 0.5,
  },
  // Let down: late deliveries, poor reviews, gone.
  {
    share: 15,
    orders: [1, 2],
    active: [0, 0.6],
    appetite: 0.3,
    loyalty: 0,
    luxury: 0.1,
    lateness: 0.75,
    mood: -0.5,
  },
  // Loyal: all the time, the same things again.
  {
    share: 10,
    orders: [5, 12],
    active: [0, 1],
    appetite: 0.5,
    loyalty: 0.35,
    luxury: 0,
    lateness: 0.05,
    mood: 0.2,
  },
  // Spenders: few orders, large and dear.
  {
    share: 5,
    orders: [1, 4],
    active: [0.2, 1],
    appetite: 2.5,
    loyalty: 0.05,
    luxury: 1,
    lateness: 0.05,
    mood: 0,
  },
]
