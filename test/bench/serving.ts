import { readFile } from 'node:fs/promises'
import { normalEquation } from '../../src/data/confidence.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { bestVariant, MAX_PAGES } from '../../src/kernels/wasm.ts'
import type { CosineIndex, Csr, Histories, Kernels, KernelVariant } from '../../src/kernels/kernels.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { Model } from '../../src/model/model.ts'
import { readOlist } from './matrices.ts'
import { median } from './sampling.ts'

export interface ServingOptions {
  readonly threads: number
  readonly variant?: KernelVariant
}

export interface Serving {
  readonly variant: KernelVariant
  readonly threads: number
  readonly factors: number
  /** Of one customer with 3 purchases, one call each: medians. */
  readonly foldIn: {
    readonly solveMicroseconds: number
    /** Solving, and what each of the 3 purchases contributes. */
    readonly withContributionsMicroseconds: number
  }
  /** The 20 nearest of every product. */
  readonly neighbours: {
    readonly products: number
    readonly features: number
    readonly byContentSeconds: number
    /** The partners by co-purchase of every product. */
    readonly partnersSeconds: number
  }
  readonly core: Core
}

/** What it takes to have the core: medians of 20 first times. */
interface Core {
  readonly bytes: number
  readonly compileMilliseconds: number
  /** With a memory of its own. */
  readonly instantiateMilliseconds: number
}

const purchases = 3
const calls = 5000
const openings = 20

/**
 * What answering a request costs, on a model of Olist by the default preset.
 * @throws where Olist's data is missing
 */
export async function benchServing({ threads, variant }: ServingOptions): Promise<Serving> {
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  const configuration = configure('default', { iterations: 5 })
  const model = await fitModel(await readOlist(), configuration, kernels)
  const serving = {
    variant: kernels.variant,
    threads,
    factors: configuration.factors,
    foldIn: timeFoldIn(model, kernels),
    neighbours: await timeNeighbours(model, kernels),
    core: await timeCore(variant ?? bestVariant()),
  }
  await kernels.close()
  return serving
}

function timeFoldIn({ histories, itemFactors, summary }: Model, kernels: Kernels): Serving['foldIn'] {
  const { confidence, alpha, regularization, frequencyExponent } = summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const foldIn = kernels.openFoldIn(itemFactors, equation)
  const singles = historiesOfLength(histories, purchases)
  const solving = timeCalls((call) => foldIn.solve(singles[call % singles.length]))
  const explaining = timeCalls((call) => {
    const history = singles[call % singles.length]
    foldIn.solve(history)
    foldIn.contributions(history)
  })
  foldIn.close()
  return { solveMicroseconds: solving * 1e6, withContributionsMicroseconds: explaining * 1e6 }
}

/** Every row of that many entries, a matrix each. */
function historiesOfLength({ rows, columns, indptr, indices, values }: Csr, length: number): Histories[] {
  return Array.from({ length: rows }, (_, r) => r)
    .filter((r) => indptr[r + 1] - indptr[r] === length)
    .map((r) => ({
      rows: 1,
      columns,
      indptr: Uint32Array.of(0, length),
      indices: indices.slice(indptr[r], indptr[r + 1]),
      values: values.slice(indptr[r], indptr[r + 1]),
    }))
}

/** Median seconds of a call, after as many to warm up. */
function timeCalls(run: (call: number) => void): number {
  for (let call = 0; call < calls; call++) run(call)
  return median(
    Array.from({ length: calls }, (_, call) => {
      const started = performance.now()
      run(call)
      return (performance.now() - started) / 1000
    }),
  )
}

async function timeNeighbours(
  { content, histories }: Model,
  kernels: Kernels,
): Promise<Serving['neighbours']> {
  return {
    products: content.rows,
    features: content.columns,
    byContentSeconds: await timeAll(
      kernels.openCosine(content.data, content.rows, content.columns, content.labels),
      content.rows,
    ),
    partnersSeconds: await timePartners(histories, kernels),
  }
}

async function timeAll(index: CosineIndex, products: number): Promise<number> {
  const started = performance.now()
  await index.topK({ items: Uint32Array.from({ length: products }, (_, i) => i), k: 20 })
  const seconds = (performance.now() - started) / 1000
  index.close()
  return seconds
}

async function timePartners(histories: Csr, kernels: Kernels): Promise<number> {
  const started = performance.now()
  await kernels.findPartners({ interactions: histories, most: 200 })
  return (performance.now() - started) / 1000
}

async function timeCore(variant: KernelVariant): Promise<Core> {
  const bytes = await readFile(new URL(`../../build/${variant}.wasm`, import.meta.url))
  const [compiling, instantiating]: [number[], number[]] = [[], []]
  for (let time = 0; time < openings; time++) {
    // Other bytes each time: the engine remembers what it has compiled.
    const fresh = Uint8Array.from([...bytes, 0, 2, 1, time])
    const started = performance.now()
    const module = await WebAssembly.compile(fresh)
    const compiled = performance.now()
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true })
    const instance = new WebAssembly.Instance(module, { env: { memory } })
    if (typeof instance.exports['gram'] !== 'function') throw new Error('the core has no gram')
    instantiating.push(performance.now() - compiled)
    compiling.push(compiled - started)
  }
  return {
    bytes: bytes.length,
    compileMilliseconds: median(compiling),
    instantiateMilliseconds: median(instantiating),
  }
}
