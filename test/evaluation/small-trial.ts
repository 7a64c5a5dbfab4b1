import type { Dataset } from '../../src/data/dataset.ts'
import type { System } from '../../src/evaluation/system.ts'
import type { PastPurchase, TestCase, Trial } from '../../src/evaluation/trial.ts'
import type { Sale, Shelf } from '../model/small-shop.ts'
import { smallShop } from '../model/small-shop.ts'

/** Customers by what they go on to buy. */
export type Found = Readonly<Record<string, readonly string[]>>

/** A trial of a small shop: its sales are the training, and each customer's history what they bought there. */
export function smallTrial(name: string, sales: readonly Sale[], found: Found, shelf: Shelf = {}): Trial {
  const train = smallShop(sales, shelf)
  const cases = Object.entries(found).map(([customer, products]) => caseOf(train, customer, products))
  return { name, train, cases, leftOut: {} }
}

/** One unit of a product, in one order of unknown time. */
export function onceBought(product: number): PastPurchase {
  return { product, quantity: 1, orders: 1, firstPurchasedAt: NaN, purchasedAt: NaN }
}

function caseOf(train: Dataset, customerId: string, found: readonly string[]): TestCase {
  const customer = train.customers.indexOf(customerId)
  const { interactions } = train
  const bought = new Set(interactions.product.filter((_, i) => interactions.customer[i] === customer))
  return {
    customer,
    history: [...bought].map((product) => onceBought(product)),
    at: NaN,
    relevant: Uint32Array.from(found, (sku) => train.products.indexOf(sku)).sort(),
  }
}

/** A system that answers by `list`, the case's own products left out under discovery. */
export function systemOf(
  name: string,
  list: (testCase: TestCase, train: Dataset, seed: number) => Iterable<number>,
  isRandom = false,
): System {
  return {
    name,
    isRandom,
    async fit(train, seed) {
      return {
        async recommend(cases, task, first) {
          return cases.map((testCase) => {
            const bought = new Set(task === 'discovery' ? testCase.history.map(({ product }) => product) : [])
            const products = [...list(testCase, train, seed)].filter((product) => !bought.has(product))
            return Uint32Array.from(products.slice(0, first))
          })
        },
        close() {},
      }
    },
  }
}

/** Everything, by index. */
export const byIndex = systemOf('by index', (_, train) => Array(train.products.size).keys())

/** Knows what will be bought. */
export const oracle = systemOf('oracle', ({ relevant }) => relevant)

export const silent = systemOf('silent', () => [])
