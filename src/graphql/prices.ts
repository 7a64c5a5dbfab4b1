/**
 * What things take, in units (cost.ts), fitted by `npm run bench -- costs --fit --seed 101,102,103,104 --tries 100`: the
 * constants with which the prices of the operations of a seeded search come nearest to what these took of the processor,
 * on Olist's 94,000 customers and 33,000 products; `limitedDiverse` is set by hand, since few of these ask for it. Plain lists and conditions of filters are as `npm run bench -- costs`
 * measures them. They are what is expected, not what is possible: of the dearest operations of other seeds a third took
 * more. What an operation takes beyond its price is charged as it is spent (src/server/cost-meter.ts).
 */
export const PRICES = {
  /** One list made of all sources, found in the whole catalogue; and one of many that are searched together. */
  list: 25,
  listOfMany: 10,
  /** What each of its places adds: the list is ranked so far; and what its last page adds, where all of it is made. */
  place: 0.07,
  lastPage: 150,
  /** What each product of a stored history adds that is read, each that is only left out, and each that is stated. */
  read: 0.45,
  leftOut: 0.024,
  stated: 1.2,
  /** What a list for another moment adds: sales are counted up to then; and ranked, where they are the list. */
  moment: 120,
  rankedMoment: 170,
  /** Lists that have the order of one source: of a customer, beside a product, of what sells. */
  rankedForCustomer: 4.9,
  rankedStored: 0.26,
  related: 6.8,
  trending: 5,
  rankedPlace: 0.02,
  lastRanked: 18,
  /** What an arrangement adds; and how much of it where a list is of few products, as those of one source are. */
  arranged: 23,
  arrangedForCustomer: 0.06,
  /** Each class of products that boosts make, and each of its places; each class where categories are limited. */
  boostClass: 17,
  boostClassPlace: 0.13,
  limitedClass: 70,
  /** A place that is filled by diversity, and its square. */
  diversePlace: 0.9,
  diverseSquare: 0.0012,
  /** A limit by category: where a list is at most 10 and 50 times as long, and longer; and with diversity. */
  limitedNear: 61,
  limitedFurther: 260,
  limitedFar: 1000,
  limitedDiverse: 500,
  limitedDiversePlace: 3,
  /** Products drawn by chance, and each place. */
  drawn: 100,
  drawnPlace: 0.19,
  /** The reasons of a recommendation, each product that is read for them, and each of them; putting them into words. */
  reasons: 0.54,
  reasonsRead: 0.074,
  reason: 0.06,
  explanation: 1.9,
  wordsRead: 0.099,
  /** Of a what-if: itself, and parts of a list down to place 100, and of one as deep as lists go. */
  whatIf: 7.7,
  whatIfNear: 0.28,
  whatIfDeep: 0.13,
  /** Of decisive purchases: themselves, and a part of a list of ten for each set that may be tried. */
  decisive: 9.9,
  decisiveSet: 0.34,
  /** Searches of texts, and neighbours of a product. */
  searchProducts: 130,
  searchCustomers: 58,
  neighboursByFactors: 200,
  neighboursByCustomers: 98,
  neighbours: 4.9,
  /** Objects of which lists hold many: each is written down. */
  recommendation: 1,
  product: 0.21,
  scores: 0.25,
  /** Of a new filter: looking at all products once, and asking one condition of them. */
  scan: 25,
  condition: 10,
}

/** What things take, in units. */
export type Prices = Readonly<typeof PRICES>
