import type { Command } from 'commander'
import type { Recommender } from '../engine/recommender.ts'
import { withRecommender, labelProduct } from './open-model.ts'
import { filled, firstOption, jsonOption, modelOption } from './options.ts'
import { printResult, table } from './result.ts'

interface SimilarOptions {
  model: string
  product: string
  first: number
  json?: boolean
}

const EXAMPLE = `
Example:
  rationale similar --model shop.model --product hair-care-002 --first 5`

export function addSimilar(program: Command): void {
  program
    .command('similar')
    .description('list the products most like a product, by content')
    .addOption(modelOption())
    .requiredOption('--product <sku>', 'the product', filled)
    .addOption(firstOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: SimilarOptions) => {
      const similar = await withRecommender(options.model, (recommender) => findSimilar(recommender, options))
      printResult(similar, options, renderSimilar)
    })
}

async function findSimilar(recommender: Recommender, { product: sku, first }: SimilarOptions) {
  const product = recommender.productIndex(sku)
  const [similar] = await recommender.similar([{ product, first }])
  const items = similar.items.map(({ rank, product: like, similarity }) =>
    Object.assign({ rank }, labelProduct(recommender.model, like), { similarity }),
  )
  return { product: sku, items }
}

function renderSimilar({ product, items }: Awaited<ReturnType<typeof findSimilar>>): string {
  if (items.length === 0) return `No similar products are known for ${product}.`
  const rows = items.map(({ rank, sku, category, name, similarity }) => [
    String(rank),
    similarity.toFixed(4),
    sku,
    name ?? '',
    category ?? '',
  ])
  return table('rrlll', [['', 'similarity', 'product', '', 'category'], ...rows])
}
