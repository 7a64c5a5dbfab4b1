/** The notebook's neighbours and the content scores it printed, from the real data. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { describeOlist, notebookContent, olistFolder } from '../model/olist.ts'

describeOlist('the preset notebook on Olist', () => {
  let kernels: Kernels
  let recommender: Recommender

  beforeAll(async () => {
    kernels = await openKernels()
    // Content alone is asked, whose results do not depend on the factors.
    const weights = { collaborative: 0, content: 1 }
    const configuration = configure('notebook', { factors: 1, iterations: 1, weights })
    recommender = new Recommender(
      await fitModel(await readDataset(olistFolder, { countCancelled: true }), configuration, kernels),
      kernels,
    )
  })
  afterAll(async () => {
    recommender?.close()
    await kernels?.close()
  })

  test('finds the notebook’s neighbours of every product that the notebook told from its twins', async () => {
    const cases = notebookContent().cases.filter((one) => one.self_is_first)
    expect(cases).toHaveLength(171)
    const lists = await recommender.similar(
      cases.map(({ product_id }) => ({ product: recommender.productIndex(product_id), first: 11 })),
    )
    cases.forEach(({ notebook_top10 }, c) => {
      const ours = lists[c].items
      notebook_top10.forEach(({ product_id, similarity }, place) => {
        expect(Math.abs(ours[place].similarity - similarity)).toBeLessThan(1e-6)
        const gaps = [ours[place - 1], ours[place + 1]].map((other) =>
          other ? Math.abs(other.similarity - similarity) : Infinity,
        )
        // Where neighbours are closer than this, the order is a matter of rounding.
        if (Math.min(...gaps) > 1e-9)
          expect(recommender.model.products.at(ours[place].product)).toBe(product_id)
      })
    })
  })

  test.each([
    ['c8460e4251689ba20504', [0.992]],
    ['4546caea018ad8c69296', [0.997, 0.997, 0.996]],
    ['c402f431464c72e27330', [0.997, 0.996, 0.995]],
  ])(
    'three neighbours of each purchase of %s… have the content scores that the notebook printed',
    async (prefix, printed) => {
      const { customers } = recommender.model
      const all = Array.from({ length: customers.size }, (_, customer) => customer)
      const customer = all.find((index) => customers.at(index).startsWith(prefix))!
      const bought = recommender.history(customer).map(({ product }) => product)
      const lists = await recommender.similar(bought.map((product) => ({ product, first: 3 })))
      const similarity = new Map(
        lists
          .flatMap(({ items }) => items)
          .toSorted((a, b) => a.similarity - b.similarity)
          .map((item) => [item.product, item.similarity]),
      )
      for (const product of bought) similarity.delete(product)
      const best = [...similarity.values()].toSorted((a, b) => b - a).slice(0, printed.length)
      expect(best).toEqual(printed.map((score) => expect.closeTo(score, 3)))

      // The blend gathers more, and so may place others between these, with the same scores for the same products.
      const [{ items }] = await recommender.recommend([{ customer, first: 100 }])
      for (const { product, sources } of items) {
        const value = sources.find(({ source }) => source === 'content')?.value
        if (similarity.has(product)) expect(value).toBe(similarity.get(product))
      }
    },
  )
})
