import type { FittedSystem } from '../system.ts'
import type { TestCase } from '../trial.ts'
import { Scoreboard } from './scoreboard.ts'

/**
 * A system that has something to say of some products, and goes on with the others in one order for all: the best
 * scores first, ties to the lower index. Under `discovery` nothing from the history is listed.
 * @param others  products in the order in which they follow
 * @param score  adds what speaks for each product to an empty board
 */
export function scoredLists(
  products: number,
  others: Uint32Array,
  score: (testCase: TestCase, scores: Scoreboard) => void,
): FittedSystem {
  const scores = new Scoreboard(products)
  return {
    async recommend(cases, task, first) {
      return cases.map((testCase) => {
        scores.clear()
        if (task === 'discovery') for (const { product } of testCase.history) scores.exclude(product)
        score(testCase, scores)
        return scores.listOf(first, others)
      })
    },
    close() {},
  }
}
