import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { evaluationMetadata } from '../../src/model/evaluation-metadata.ts'
import type { EvaluationSummary } from '../../src/model/evaluation-summary.ts'
import { RECORDED_PROTOCOLS } from '../../src/model/evaluation-summary.ts'
import { fitModel } from '../../src/model/fit.ts'
import { ModelFileError, openModel, writeModel } from '../../src/model/model-file.ts'
import { layoutOf } from '../../src/model/model-tensors.ts'
import type { Model } from '../../src/model/model.ts'
import { recordEvaluation } from '../../src/model/record-evaluation.ts'
import { bytesOf, layOut } from '../../src/model/safetensors.ts'
import { smallShop } from './small-shop.ts'
import { measuresAt, someEvaluation } from './some-evaluation.ts'

let folder: string
let fresh: string
let path: string
let model: Model

const fitted = (seed: number) =>
  fitModel(
    smallShop([
      { customer: 'ana', product: 'tea' },
      { customer: 'bo', product: 'pot' },
    ]),
    configure('default', { factors: 2, iterations: 1, seed }),
    referenceKernels(),
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rationale-'))
  fresh = join(folder, 'fresh.model')
  path = join(folder, 'shop.model')
  model = await fitted(1)
  await writeModel(model, fresh)
})
beforeEach(() => copyFile(fresh, path))
afterAll(() => rm(folder, { recursive: true }))

const record = (evaluation: EvaluationSummary) => recordEvaluation(path, model.summary.tensorHash, evaluation)

const recorded = async () => (await openModel(path)).summary.evaluations

/** The bytes after the header. */
async function tensorBytes(file: string): Promise<Buffer> {
  const bytes = await readFile(file)
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE()))
}

const lastOrder = someEvaluation({ protocol: 'last-order', task: 'next-order', bestOther: null, notes: [] })

describe('an evaluation that is recorded', () => {
  test('comes back when the model is opened, which is the same in everything else', async () => {
    expect(model.summary).not.toHaveProperty('evaluations')
    await record(someEvaluation())
    const { summary, version } = await openModel(path)
    expect(summary).toEqual({ ...model.summary, evaluations: [someEvaluation()] })
    expect(version).toBe(model.version)
    expect(await tensorBytes(path)).toEqual(await tensorBytes(fresh))
  })

  test('stays when the model is written again', async () => {
    await record(someEvaluation())
    await writeModel(await openModel(path), join(folder, 'copy.model'))
    expect(await readFile(join(folder, 'copy.model'))).toEqual(await readFile(path))
  })

  test('takes the place of a former one of its protocol and task, and of no other', async () => {
    const former = someEvaluation({ notes: ['former'] })
    const nextOrder = someEvaluation({ task: 'next-order' })
    for (const one of [former, lastOrder, nextOrder, someEvaluation()]) await record(one)
    expect(await recorded()).toEqual([lastOrder, someEvaluation(), nextOrder])
  })

  test('whatever is recorded in whatever order, the last of each protocol and task is there, in the same bytes', async () => {
    const measures = fc.tuple(fc.nat(9), fc.nat(64)).map(([k, part]) => [measuresAt(k + 1, part / 64)])
    const summaries = fc
      .record({
        protocol: fc.constantFrom(...RECORDED_PROTOCOLS),
        task: fc.constantFrom('discovery' as const, 'next-order' as const),
        notes: fc.array(fc.string()),
        measures,
      })
      .map(someEvaluation)
    await fc.assert(
      fc.asyncProperty(fc.array(summaries, { minLength: 1, maxLength: 5 }), async (all) => {
        const last = new Map(all.map((one) => [`${one.protocol} ${one.task}`, one]))
        await copyFile(fresh, path)
        for (const one of all) await record(one)
        const found = await recorded()
        expect(found).toHaveLength(last.size)
        expect(found).toEqual(expect.arrayContaining([...last.values()]))
        const bytes = await readFile(path)
        await copyFile(fresh, path)
        for (const one of [...last.values()].toReversed()) await record(one)
        expect(await readFile(path)).toEqual(bytes)
      }),
      { numRuns: 25 },
    )
  })

  test('is not recorded in another model that took the file meanwhile', async () => {
    const other = await fitted(2)
    await writeModel(other, path)
    await expect(record(someEvaluation())).rejects.toThrow(
      `Cannot record the evaluation in ${path}: the file holds another model by now, sha256:${other.summary.tensorHash}`,
    )
    expect(await recorded()).toBeUndefined()
  })

  test.each<[string, Partial<EvaluationSummary>]>([
    ['a measure that is no number', { measures: [measuresAt(10, NaN)] }],
    ['a measure above 1', { measures: [measuresAt(10, 1.5)] }],
    ['no measure', { measures: [] }],
  ])('%s is not written, since nobody could open the file again', async (_, wrong) => {
    await expect(record(someEvaluation(wrong))).rejects.toThrow()
    expect(await readFile(path)).toEqual(await readFile(fresh))
  })

  test('an abort leaves the former file and nothing else', async () => {
    const before = await readdir(folder)
    const { tensorHash } = model.summary
    const aborted = recordEvaluation(path, tensorHash, someEvaluation(), { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toThrow(/aborted/)
    expect(await readFile(path)).toEqual(await readFile(fresh))
    expect(await readdir(folder)).toEqual(before)
  })
})

/** The model's file with evaluations and their hash as they are given. */
function openWith(evaluations: Readonly<Record<string, string>>): Promise<Model> {
  const { header, tensors } = layoutOf(model)
  const { __metadata__: metadata } = JSON.parse(Buffer.from(header).toString('utf8', 8))
  const bytes = Buffer.concat([...bytesOf(layOut(tensors, { ...metadata, ...evaluations }))])
  return writeFile(path, bytes).then(() => openModel(path))
}

/** What the file says of anything at all, under a hash that vouches for it. */
function vouched(evaluations: unknown): Readonly<Record<string, string>> {
  return evaluationMetadata(model.summary.tensorHash, evaluations as EvaluationSummary[])
}

describe('evaluations that are not as they were recorded', () => {
  test('any byte of the header changed is noticed', async () => {
    await record(someEvaluation())
    const bytes = await readFile(path)
    const headerLength = 8 + Number(bytes.readBigUInt64LE())
    await fc.assert(
      fc.asyncProperty(fc.nat(headerLength - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = Uint8Array.from(bytes)
        damaged[place] ^= change
        await writeFile(path, damaged)
        await expect(openModel(path)).rejects.toThrow(ModelFileError)
      }),
      { numRuns: 300 },
    )
  })

  test('are told from those that are', async () => {
    const opened = await openWith(vouched([someEvaluation()]))
    expect(opened.summary.evaluations).toEqual([someEvaluation()])
  })

  test('another model’s are refused', async () => {
    const foreign = evaluationMetadata('0'.repeat(64), [someEvaluation()])
    await expect(openWith(foreign)).rejects.toThrow(
      `Cannot open the model ${path}: the SHA-256 of its evaluations is not the one it states. ` +
        'It is damaged, or not a model of this version: train it again with `rationale train`.',
    )
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['without their hash', { evaluations: '[]' }],
    ['of which only the hash is left', { evaluationsHash: '0'.repeat(64) }],
  ])('those %s are refused', async (_, metadata) => {
    await expect(openWith(metadata)).rejects.toThrow(
      /the SHA-256 of its evaluations is not the one it states/,
    )
  })

  test.each<[string, unknown, RegExp]>([
    ['no list', 'good', /metadata evaluations is not understood: Invalid input: expected array/],
    [
      'a protocol there is none of',
      [{ ...someEvaluation(), protocol: 'notebook' }],
      /metadata evaluations is not understood: 0: protocol: /,
    ],
    [
      'a share above 1',
      [someEvaluation({ measures: [measuresAt(10, 2)] })],
      /metadata evaluations is not understood: 0: measures: 0: coverage: .*<=1/,
    ],
    ['half a customer', [someEvaluation({ customers: 0.5 })], /0: customers: /],
    ['a K of 0', [someEvaluation({ measures: [measuresAt(0, 0)] })], /0: measures: 0: k: /],
    ['a field there is none of', [{ ...someEvaluation(), verdict: 'good' }], /Unrecognized key: "verdict"/],
    ['no version', [{ ...someEvaluation(), evaluatedWith: undefined }], /0: evaluatedWith: /],
  ])('%s is refused', async (_, evaluations, message) => {
    const opening = openWith(vouched(evaluations))
    await expect(opening).rejects.toThrow(ModelFileError)
    await expect(opening).rejects.toThrow(message)
  })
})
