/**
 * What things take, in units (cost.ts), as `npm run bench -- costs --fit` finds them: the non-negative constants with
 * which the prices of the operations of a seeded search come nearest to what these took of the processor, on Olist's
 * 94,000 customers and 33,000 products. They are what is expected: half of all take less. What an operation takes
 * beyond its price is charged as it is spent (src/server/meter.ts).
 */
export const PRICES = {
  /** One list made of all sources, found in the whole catalogue; and one of many that are searched together. */
  list: 25,
  listOfMany: 10,
  /** What each of its places adds: the list is ranked so far; and what its last page adds, where all of it is made. */
  place: 0.07,
  lastPage: 150,
  /** What each product of a stored history adds that is read, each that is only left out, and each that is stated. */
  read: 0.5,
  leftOut: 0.02,
  stated: 1,
  /** What a list for another moment adds: sales are counted up to then; and ranked, where they are the list. */
  moment: 100,
  rankedMoment: 400,
  /** Lists that have the order of one source: of a customer, beside a product, of what sells. */
  rankedForCustomer: 5,
  rankedStored: 0.25,
  related: 10,
  trending: 5,
  rankedPlace: 0.05,
  lastRanked: 25,
  /** What an arrangement adds; and how much of it where a list is of few products, as those of one source are. */
  arranged: 25,
  arrangedForCustomer: 0.3,
  /** Each class of products that boosts make, and each of its places; each class where categories are limited. */
  boostClass: 18,
  boostClassPlace: 0.17,
  limitedClass: 100,
  /** A place that is filled by diversity, and its square. */
  diversePlace: 1.2,
  diverseSquare: 0.0023,
  /** A limit by category: where a list is at most 10 and 50 times as long, and longer; and with diversity. */
  limitedNear: 60,
  limitedFurther: 250,
  limitedFar: 1500,
  limitedDiverse: 1000,
  limitedDiversePlace: 15,
  /** Products drawn by chance, and each place. */
  drawn: 100,
  drawnPlace: 0.2,
  /** The reasons of a recommendation, each product that is read for them, and each of them; putting them into words. */
  reasons: 1,
  reasonsRead: 0.1,
  reason: 0.1,
  explanation: 2,
  wordsRead: 0.1,
  /** Of a what-if: itself, and parts of a list down to place 100, and of one as deep as lists go. */
  whatIf: 10,
  whatIfNear: 0.5,
  whatIfDeep: 0.2,
  /** Of decisive purchases: themselves, and a part of a list of ten for each set that may be tried. */
  decisive: 10,
  decisiveSet: 0.25,
  /** Searches of texts, and neighbours of a product. */
  searchProducts: 200,
  searchCustomers: 50,
  neighboursByFactors: 200,
  neighboursByCustomers: 60,
  neighbours: 10,
  /** Objects of which lists hold many: each is written down. */
  recommendation: 1,
  product: 0.25,
  scores: 0.25,
  /** Of a new filter: looking at all products once, and asking one condition of them. */
  scan: 25,
  condition: 10,
}

/** What things take, in units. */
export type Prices = Readonly<typeof PRICES>
