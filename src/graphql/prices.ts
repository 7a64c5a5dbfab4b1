/**
 * The prices of parts of an operation, in units (cost.ts). They are fitted by `npm run bench -- costs --fit --seed
 * 101,102,103,104 --tries 100`: with them, the prices of the operations of a seeded search come nearest to the processor
 * time that these took on Olist's 94,000 customers and 33,000 products. `limitedDiverse` is set by hand, because few of
 * these operations use it. Plain lists and conditions of filters are measured by `npm run bench -- costs`. They are
 * expected prices, not upper bounds: of the most expensive operations of other seeds, a third took more. What an
 * operation takes beyond its price is charged while it runs (src/server/cost-meter.ts).
 */
export const PRICES = {
  /** One list from all sources, searched in the whole catalogue; and one of many lists that are searched together. */
  list: 25,
  listOfMany: 10,
  /** Added by each place down to the end of the page; and by a last page, for which the whole list is computed. */
  place: 0.07,
  lastPage: 150,
  /** Added by each product of a stored history that is read, that is only left out, and by each product in the request. */
  read: 0.45,
  leftOut: 0.024,
  stated: 1.2,
  /** Added by a list for another moment: sales are counted up to it; in a list by sales they are ranked, too. */
  moment: 120,
  rankedMoment: 170,
  /** Lists in the order of one source: for a customer, for a product page, by sales. */
  rankedForCustomer: 4.9,
  rankedStored: 0.26,
  related: 6.8,
  trending: 5,
  rankedPlace: 0.02,
  lastRanked: 18,
  /** Added by an arrangement; and the part of it that counts for a list of few products. */
  arranged: 23,
  arrangedForCustomer: 0.06,
  /** Each class of products that boosts make, and each of its places; each class if categories are limited. */
  boostClass: 17,
  boostClassPlace: 0.13,
  limitedClass: 70,
  /** A place that is filled by diversity, and its square. */
  diversePlace: 0.9,
  diverseSquare: 0.0012,
  /** A limit by category, for a list at most 10 times as long, at most 50 times, longer; and with diversity. */
  limitedNear: 61,
  limitedFurther: 260,
  limitedFar: 1000,
  limitedDiverse: 500,
  limitedDiversePlace: 3,
  /** Products drawn at random, and each place. */
  drawn: 100,
  drawnPlace: 0.19,
  /** The reasons of a recommendation, each product of the history read for them, and each reason; their explanation. */
  reasons: 0.54,
  reasonsRead: 0.074,
  reason: 0.06,
  explanation: 1.9,
  wordsRead: 0.099,
  /** A what-if, and its parts of the price of a list down to place 100 and of the deepest list. */
  whatIf: 7.7,
  whatIfNear: 0.28,
  whatIfDeep: 0.13,
  /** Decisive purchases, and for each set that may be tried a part of the price of a list of ten. */
  decisive: 9.9,
  decisiveSet: 0.34,
  /** Text searches, and the neighbours of a product. */
  searchProducts: 130,
  searchCustomers: 58,
  neighboursByFactors: 200,
  neighboursByCustomers: 98,
  neighbours: 4.9,
  /** Writing one object of a kind that lists hold many of. */
  recommendation: 1,
  /** A change of the store of events, set by hand: mostly waiting for the disk; and each event of it. */
  recorded: 20,
  event: 1,
  product: 0.21,
  scores: 0.25,
  /** A new filter: going through all products once, and checking one condition for them. */
  scan: 25,
  condition: 10,
}

/** The prices of parts of an operation, in units. */
export type Prices = Readonly<typeof PRICES>
