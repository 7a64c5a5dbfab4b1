/** The places of a list that count in nDCG@10. */
export const FIRST = 10

/** 1/log₂(rank + 1) at rank − 1. */
const GAINS = Array.from({ length: FIRST }, (_, place) => 1 / Math.log2(place + 2))

/** The sums of the first of them. */
const IDEAL = Array.from({ length: FIRST + 1 }, (_, wanted) =>
  GAINS.slice(0, wanted).reduce((sum, gain) => sum + gain, 0),
)

/** What a product found adds to the DCG, by its place from 0; nothing beyond the tenth. */
export function gainAt(place: number): number {
  return place < FIRST ? GAINS[place] : 0
}

/** The DCG of a list that begins with everything that is wanted. @param wanted  how many, at least 1 */
export function idealGain(wanted: number): number {
  return IDEAL[Math.min(FIRST, wanted)]
}

/**
 * nDCG@10 of a list, 0 … 1 (Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418).
 * @param ranked  best first; what is beyond the tenth does not count
 * @param wanted  what is to be found, at least one
 */
export function ndcgOfList(ranked: ArrayLike<number>, wanted: ReadonlySet<number>): number {
  let gained = 0
  for (let place = 0; place < Math.min(FIRST, ranked.length); place++)
    if (wanted.has(ranked[place])) gained += GAINS[place]
  return gained / idealGain(wanted.size)
}
