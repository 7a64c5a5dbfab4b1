import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringColumnOf } from '../../src/data/ids.ts'
import type { RegularizationScale } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { ModelFileError, openModel, writeModel } from '../../src/model/model-file.ts'
import { withoutHistories } from '../../src/model/without-histories.ts'
import { hashOf, layoutOf } from '../../src/model/model-tensors.ts'
import type { Model } from '../../src/model/model.ts'
import type { TensorData } from '../../src/model/safetensors.ts'
import { bytesOf, layOut } from '../../src/model/safetensors.ts'
import { smallShop } from './small-shop.ts'

let folder: string
let path: string
let model: Model
let bytes: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rationale-'))
  path = join(folder, 'shop.model')
  const shop = smallShop(
    [
      { customer: 'ana', product: 'tea', day: 10, price: 4, quantity: 3, order: 'tea for one' },
      { customer: 'ana', product: 'pot', day: 10, price: 30, order: 'tea for one' },
      { customer: 'bo', product: 'tea', price: 5 },
      { customer: 'bo', product: 'größe', day: 12, price: 9 },
    ],
    {
      customers: ['window shopper'],
      products: ['never sold'],
      categories: { tea: 'food', pot: 'kitchen' },
      measures: { weight: { tea: 100, pot: 700 } },
    },
  )
  const named = { ...shop, productNames: stringColumnOf(['', 'Tea', 'Pot', 'Größe 🫖']) }
  model = await fitModel(named, configure('default', { factors: 3, iterations: 2 }), referenceKernels())
  await writeModel(model, path)
  bytes = await readFile(path)
})
afterAll(() => rm(folder, { recursive: true }))

const ranksNothing = () => Promise.reject(new Error('it ranks nothing'))

async function openBytes(damaged: Uint8Array): Promise<Model> {
  const other = join(folder, 'damaged.model')
  await writeFile(other, damaged)
  return openModel(other)
}

describe('a model file', () => {
  test('gives back the model that was written', async () => {
    const { customers, products, productNames, ...rest } = await openModel(path)
    const { customers: _, products: __, productNames: ___, ...expected } = model
    expect(rest).toEqual(expected)
    expect(customers.at(0)).toBe('window shopper')
    expect(products.indexOf('größe')).toBe(3)
    expect(productNames?.at(3)).toBe('Größe 🫖')
    expect(rest.baskets.together.indices).toEqual(Uint32Array.of(2, 1))
    expect(rest.partners.indices).toEqual(Uint32Array.of(2, 3, 1, 1))
    expect(rest.summary.lossByIteration).toHaveLength(2)
  })

  test('says how long it is, and states its hash', async () => {
    const { bytes: length, hash } = await writeModel(model, path)
    expect(length).toBe((await stat(path)).size)
    expect(hash).toBe(`sha256:${model.summary.tensorHash}`)
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  test('is the same to the byte when written again, also from the opened model', async () => {
    await writeModel(await openModel(path), join(folder, 'again.model'))
    expect(await readFile(join(folder, 'again.model'))).toEqual(bytes)
  })

  test('keeps a model without product names, and of label-encoded content', async () => {
    const shop = smallShop([{ customer: 'ana', product: 'tea' }])
    const plain = await fitModel(
      shop,
      configure('notebook', { factors: 1, iterations: 1 }),
      referenceKernels(),
    )
    await writeModel(plain, join(folder, 'plain.model'))
    const opened = await openModel(join(folder, 'plain.model'))
    expect(opened).not.toHaveProperty('productNames')
    expect(opened.content).toEqual(plain.content)
  })
})

describe('the scale of λ', () => {
  const shop = smallShop([{ customer: 'ana', product: 'tea' }])
  const fitted = (regularizationScale: RegularizationScale) =>
    fitModel(
      shop,
      configure('default', { factors: 1, iterations: 1, regularizationScale }),
      referenceKernels(),
    )

  test('is kept', async () => {
    const file = join(folder, 'entries.model')
    await writeModel(await fitted('entries'), file)
    expect((await openModel(file)).summary.configuration.regularizationScale).toBe('entries')
  })

  test('is constant where a file does not say, as those written before', async () => {
    const constant = await fitted('constant')
    expect(Buffer.from(layoutOf(constant).header).includes('regularizationScale')).toBe(false)
    const file = join(folder, 'constant.model')
    await writeModel(constant, file)
    expect((await openModel(file)).summary.configuration.regularizationScale).toBe('constant')
  })
})

const customersIn = (file: Buffer) => ['ana', 'window shopper'].filter((id) => file.indexOf(id) >= 0)

describe('a model file without histories', () => {
  test('gives back the model that was written', async () => {
    const without = withoutHistories(model)
    const file = join(folder, 'items.model')
    await writeModel(without, file)
    const { customers, products, productNames, ...rest } = await openModel(file)
    const { customers: _, products: __, productNames: ___, ...expected } = without
    expect(rest).toEqual(expected)
    expect([customers.size, products.size, productNames!.size]).toEqual([0, 4, 4])
    expect(rest.summary).toMatchObject({ withoutHistories: true, customers: 2 })
    expect(rest.version).not.toBe(model.version)
  })

  test('holds no customer', async () => {
    expect(customersIn(Buffer.concat([...bytesOf(layoutOf(withoutHistories(model)))]))).toEqual([])
    expect(customersIn(bytes)).toEqual(['ana', 'window shopper'])
  })

  test('is refused where it holds some', async () => {
    const summary = JSON.stringify({ ...storedSummary(), withoutHistories: true })
    await expect(openBytes(forged({}, { summary }))).rejects.toThrow(
      'metadata summary says that it holds no customers, and it holds 3',
    )
  })
})

describe('a damaged model file', () => {
  test('any byte changed is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = Uint8Array.from(bytes)
        damaged[place] ^= change
        await expect(openBytes(damaged)).rejects.toThrow(ModelFileError)
      }),
      { numRuns: 300 },
    )
  })

  test('any truncation is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await expect(openBytes(bytes.subarray(0, length))).rejects.toThrow(ModelFileError)
      }),
    )
  })

  test('any appendix is noticed', async () => {
    await expect(openBytes(Buffer.concat([bytes, Buffer.from([0])]))).rejects.toThrow(ModelFileError)
  })

  test('the error names the file, the fault and the remedy', async () => {
    const damaged = Uint8Array.from(bytes)
    damaged[damaged.length - 1] ^= 1
    await expect(openBytes(damaged)).rejects.toThrow(
      `Cannot open the model ${join(folder, 'damaged.model')}: its SHA-256 is not the one it states. ` +
        'It is damaged, or not a model of this version: train it again with `rationale train`.',
    )
  })
})

/** The model's file with some tensors or metadata replaced, or left out, and a hash that vouches for the result. */
function forged(
  replaced: Readonly<Record<string, TensorData | null>>,
  changed: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { header, tensors } = layoutOf(model)
  const { __metadata__: stated } = JSON.parse(Buffer.from(header).toString('utf8', 8))
  const { tensorHash: _, ...metadata } = stated
  const forgery = tensors.flatMap((tensor) => {
    const data = replaced[tensor.name] === undefined ? tensor.data : replaced[tensor.name]
    return data
      ? [
          {
            name: tensor.name,
            shape: data.length === tensor.data.length ? tensor.shape : [data.length],
            data,
          },
        ]
      : []
  })
  const claims = { ...metadata, ...changed }
  return Buffer.concat([
    ...bytesOf(layOut(forgery, { ...claims, tensorHash: hashOf(layOut(forgery, claims)) })),
  ])
}

describe('a model file that is whole, but wrong', () => {
  test('is told from one that is right', async () => {
    await expect(openBytes(forged({}))).resolves.toMatchObject({ version: model.version })
  })

  test.each<[string, Readonly<Record<string, TensorData | null>>, string]>([
    [
      'a purchase of a product there is none of',
      { 'histories.indices': Uint32Array.of(1, 2, 1, 4) },
      'tensor histories.indices holds 4 at 3, of 4 columns',
    ],
    [
      'rows that end before they start',
      { 'histories.indptr': Uint32Array.of(0, 3, 2, 4) },
      'tensor histories.indptr bounds no rows',
    ],
    [
      'rows that end beyond the entries',
      { 'histories.indptr': Uint32Array.of(0, 0, 2, 5) },
      'tensor histories.indptr bounds no rows',
    ],
    [
      'a category there is none of',
      { 'category.codes': Int32Array.of(-1, 0, 2, -1) },
      'tensor category.codes holds 2 at 2, of 2 labels',
    ],
    [
      'a code below −1',
      { 'segments.codes': Int32Array.of(-2, 0, 0) },
      'tensor segments.codes holds -2 at 0, of 1 labels',
    ],
    [
      'factors that are no numbers',
      { itemFactors: new Float32Array(12).fill(NaN) },
      'tensor itemFactors holds NaN at 0',
    ],
    [
      'factors for fewer products',
      { itemFactors: new Float32Array(9) },
      'tensor itemFactors has the shape [9], not [4,3]',
    ],
    ['prices of another type', { price: new Float32Array(4) }, 'tensor price is no Float64Array'],
    [
      'a seller there is none of',
      { 'seller.codes': Int32Array.of(-1, 0, -1, -1) },
      'tensor seller.codes holds 0 at 1, of 0 labels',
    ],
    [
      'a partner there is none of',
      { 'baskets.indices': Uint32Array.of(2, 4) },
      'tensor baskets.indices holds 4 at 1, of 4 columns',
    ],
    [
      'partners that end before they start',
      { 'baskets.indptr': Uint32Array.of(0, 0, 2, 1, 2) },
      'tensor baskets.indptr bounds no rows',
    ],
    [
      'partners bought no number of times',
      { 'baskets.values': Float32Array.of(1, NaN) },
      'tensor baskets.values holds NaN at 1',
    ],
    [
      'sales without bounds',
      { 'sales.indptr': Uint32Array.of(0, 2, 1, 2, 2) },
      'tensor sales.indptr bounds no rows',
    ],
    ['a sale at no time', { 'sales.times': Float64Array.of(NaN, 1, 2) }, 'tensor sales.times holds NaN at 0'],
    [
      'buyers of too few products',
      { 'sales.buyers': new Uint32Array(3) },
      'tensor sales.buyers has the shape [3], not [4]',
    ],
    [
      'customers of too few pairs',
      { 'baskets.customers': new Uint32Array(1) },
      'tensor baskets.customers has the shape [1], not [2]',
    ],
    ['no partners', { 'baskets.indices': null }, 'tensor baskets.indices is missing'],
    [
      'orders of fewer products',
      { 'baskets.orders': new Uint32Array(3) },
      'tensor baskets.orders has the shape [3], not [4]',
    ],
    [
      'a product that is its own partner',
      { 'partners.indices': Uint32Array.of(2, 3, 1, 3) },
      'tensor partners.indices holds 3 for product 3 of 4',
    ],
    [
      'a pair with a product there is none of',
      { 'partners.indices': Uint32Array.of(2, 4, 1, 1) },
      'tensor partners.indices holds 4 for product 1 of 4',
    ],
    [
      'a pair that more customers bought than its product',
      { 'partners.together': Uint32Array.of(1, 1, 2, 1) },
      'tensor partners.together holds 2 for products 2 and 1, the first bought by 1 customers',
    ],
    [
      'a pair that nobody bought',
      { 'partners.together': Uint32Array.of(1, 0, 1, 1) },
      'tensor partners.together holds 0 for products 1 and 3',
    ],
    [
      'pairs without bounds',
      { 'partners.indptr': Uint32Array.of(0, 0, 2, 1, 4) },
      'tensor partners.indptr bounds no rows',
    ],
    [
      'features of fewer customers',
      { customerFeatures: new Float32Array(14) },
      'tensor customerFeatures has the shape [14], not [3,7]',
    ],
    [
      'features beyond all bounds',
      { customerFeatures: new Float32Array(21).fill(NaN).fill(Infinity, 8) },
      'tensor customerFeatures holds Infinity at 8',
    ],
    [
      'a price beyond all bounds',
      { price: Float64Array.of(NaN, 4, Infinity, 9) },
      'tensor price holds Infinity at 2',
    ],
    [
      'a time beyond all bounds',
      { lastPurchased: Float64Array.of(NaN, -Infinity, NaN, 9) },
      'tensor lastPurchased holds -Infinity at 1',
    ],
    ['no popularity', { popularity: null }, 'tensor popularity is missing'],
    [
      'a measure beyond all bounds',
      { 'content.numeric.0': Float64Array.of(NaN, 0, -Infinity, 0) },
      'tensor content.numeric.0 holds -Infinity at 2',
    ],
    [
      'ids that do not fill their bytes',
      { 'products.offsets': Uint32Array.of(0, 1, 2, 3, 4) },
      'tensor products.offsets is wrong: strings of 4 bytes do not fit',
    ],
  ])('%s is refused', async (_, replaced, message) => {
    const opening = openBytes(forged(replaced))
    await expect(opening).rejects.toThrow(ModelFileError)
    await expect(opening).rejects.toThrow(message)
  })

  test.each<[string, Readonly<Record<string, string>>, string | RegExp]>([
    ['another program’s file', { format: 'pt' }, 'it is a safetensors file, but no Rationale model'],
    [
      'a file of an earlier version',
      { formatVersion: '5' },
      'it has the format version 5, and this version of Rationale reads 6. ' +
        'It is damaged, or not a model of this version: train it again with `rationale train`.',
    ],
    ['metadata that are no JSON', { summary: '{' }, 'metadata summary is not understood: it is not JSON'],
    [
      'a configuration out of range',
      { configuration: '{"factors":0}' },
      /metadata configuration is not understood/,
    ],
  ])('%s is refused', async (_, changed, message) => {
    await expect(openBytes(forged({}, changed))).rejects.toThrow(message)
  })
})

/** The metadata `summary` of the model's file. */
function storedSummary() {
  const { tensorHash: _, formatVersion: __, configuration: ___, loss: ____, ...summary } = model.summary
  return summary
}

test('a model file without a loss is refused', async () => {
  const summary = JSON.stringify({ ...storedSummary(), lossByIteration: [] })
  await expect(openBytes(forged({}, { summary }))).rejects.toThrow(
    /metadata summary is not understood: lossByIteration/,
  )
})

test('a model file of the learned blend without its weights is refused', async () => {
  const { blendWeights: _, ...summary } = storedSummary()
  await expect(openBytes(forged({}, { summary: JSON.stringify(summary) }))).rejects.toThrow(
    'the blend learned does not go with the weights that metadata summary holds',
  )
})

test('a model file of a blend that no longer exists is refused, with what to do', async () => {
  const configuration = JSON.stringify({ ...model.summary.configuration, blend: 'every-candidate' })
  await expect(openBytes(forged({}, { configuration }))).rejects.toThrow(
    /it was trained for the blend every-candidate, which no longer exists: the blends are learned and notebook\. .*train it again with `rationale train`/,
  )
})

test('a model file with a weight below 0 is refused', async () => {
  const { blendWeights, ...summary } = storedSummary()
  const weights = { ...blendWeights, discovery: { ...blendWeights?.discovery, content: -1 } }
  await expect(
    openBytes(forged({}, { summary: JSON.stringify({ ...summary, blendWeights: weights }) })),
  ).rejects.toThrow(/metadata summary is not understood: blendWeights: discovery: content/)
})

describe('a place where no model can be', () => {
  test('a missing file is named', async () => {
    await expect(openModel(join(folder, 'none.model'))).rejects.toThrow(
      new ModelFileError(
        `Cannot open the model ${join(folder, 'none.model')}: there is no such file or folder: check the path.`,
      ),
    )
  })

  test('a folder is no model', async () => {
    await expect(openModel(folder)).rejects.toThrow(/it is a folder: name a file/)
  })

  test('a missing folder is not made', async () => {
    const nowhere = join(folder, 'nowhere', 'shop.model')
    await expect(writeModel(model, nowhere)).rejects.toThrow(
      /there is no folder .*nowhere: make it, or check the path/,
    )
  })

  const isRoot = process.getuid?.() === 0
  if (isRoot) console.warn('SKIPPED: a folder without write permission, because root may write everywhere.')
  const skipped = isRoot ? ' (SKIPPED: root may write everywhere)' : ''
  test.skipIf(isRoot)(`a folder that may not be written to is left alone${skipped}`, async () => {
    const locked = join(folder, 'locked')
    await mkdir(locked, { mode: 0o500 })
    await expect(writeModel(model, join(locked, 'shop.model'))).rejects.toThrow(/permission denied/)
  })

  test('a model that could not be opened again is not written, and the former one stays', async () => {
    const [numbers, zero] = [model.popularity.slice(), model.itemFactors.data.slice()]
    numbers[1] = Infinity
    zero[0] = NaN
    const files = await readdir(folder)
    for (const broken of [
      { ...model, popularity: numbers },
      { ...model, itemFactors: { ...model.itemFactors, data: zero } },
    ]) {
      await expect(writeModel(broken, path)).rejects.toThrow(
        /Cannot write the model .*: the new file is unusable/,
      )
      await expect(writeModel(broken, path)).rejects.toThrow(ModelFileError)
    }
    expect(await readFile(path)).toEqual(bytes)
    expect(await readdir(folder)).toEqual(files)
  })

  test('a model that the caller finds unusable is not written either', async () => {
    await expect(writeModel(model, path, { verify: ranksNothing })).rejects.toThrow(/it ranks nothing/)
    expect(await readFile(path)).toEqual(bytes)
  })

  test('writing that is aborted leaves the former model and nothing else', async () => {
    const before = await readdir(folder)
    await expect(writeModel(model, path, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/)
    expect(await readFile(path)).toEqual(bytes)
    expect(await readdir(folder)).toEqual(before)
  })
})
