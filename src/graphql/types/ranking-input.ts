import { ARRANGED_DEPTH, MAX_BOOSTS, MAX_MULTIPLIER, MAX_PINS } from '../../engine/arrangement.ts'
import { builder } from '../builder.ts'
import { ProductFilter } from './product-filter.ts'

const BoostInput = builder.inputType('BoostInput', {
  description: 'Multiplies the scores of some products.',
  fields: (t) => ({
    filter: t.field({ type: ProductFilter, description: 'Which products.' }),
    multiplier: t.float({
      description:
        `From ${1 / MAX_MULTIPLIER} to ${MAX_MULTIPLIER}; below 1 it holds them back. A score below 0 is divided by it. ` +
        'Where several boosts apply to a product, their multipliers are multiplied.',
    }),
  }),
})

const PinInput = builder.inputType('PinInput', {
  description: 'Puts a product at a place of the list.',
  fields: (t) => ({
    sku: t.string({
      description:
        "The product, by the shop's own id. It is left out where it may not be in the list: hidden, not passing the " +
        'filter, or bought before.',
    }),
    position: t.int({
      description: `Its place, 1 to ${ARRANGED_DEPTH - 1}, 1 for the first; in a shorter list it comes at the end.`,
    }),
  }),
})

export const RankingInput = builder.inputType('RankingInput', {
  description:
    'In what order a list is shown. Nothing of it is hidden: each recommendation says in its scores what was done to it. ' +
    `A list that is asked for with any of this ends at place ${ARRANGED_DEPTH - 1}.`,
  fields: (t) => ({
    diversity: t.float({
      required: false,
      description:
        '0 to 1: how much a place goes to what differs from the products above it rather than to the best score ' +
        '(maximal marginal relevance, by the cosine of content features). Default: 0.',
    }),
    maxPerCategory: t.int({
      required: false,
      description:
        'The most products of one category in the whole list, at least 1. Those without a category are not limited, nor ' +
        'are pins.',
    }),
    boosts: t.field({
      type: [BoostInput],
      required: false,
      description: `At most ${MAX_BOOSTS} boosts.`,
    }),
    pins: t.field({
      type: [PinInput],
      required: false,
      description: `At most ${MAX_PINS} products with a place of their own; no two of one place.`,
    }),
    explorationRate: t.float({
      required: false,
      description:
        '0 to 1: the chance of each place to go to a product drawn blindly among the eligible, so that new products ' +
        'are seen at all. Default: 0.',
    }),
    seed: t.int({
      required: false,
      description:
        'Of the draws by `explorationRate`, and needed with them: the same seed gives the same list, whatever page of it is asked for. ' +
        'Pass another with each visit.',
    }),
    minScore: t.float({
      required: false,
      description: 'The list ends where final scores fall below this; pins stay.',
    }),
  }),
})
