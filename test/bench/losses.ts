import { join } from 'node:path'
import { normalEquation } from '../../src/data/confidence.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { Csr, Kernels, KernelVariant } from '../../src/kernels/kernels.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { Model } from '../../src/model/model.ts'
import { purchases, readOlist } from './matrices.ts'
import { writeArrays, writeMatrix } from './matrix-file.ts'
import { peerIsSetUp, runPeer } from './peer.ts'
import { startingFactors } from './starting-factors.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface LossesOptions {
  readonly threads: number
  readonly variant?: KernelVariant
}

export interface Losses {
  readonly variant: KernelVariant
  /** Training losses after 20 iterations in 50 factors, λ = 0.1, from the same start; as `implicit` defines them. */
  readonly losses: readonly {
    readonly alpha: number
    readonly ours: number
    readonly implicitCg?: number
    readonly implicitExact?: number
  }[]
  /** One customer's best collaborative score under the preset `notebook`, a seed each. */
  readonly bestScores: { readonly customer: string; readonly ours: number[]; readonly implicit?: number[] }
}

const fit = { factors: 50, regularization: 0.1, iterations: 20 }
const alphas = [1, 40]
const seeds = Array.from({ length: 10 }, (_, s) => s + 1)
/** The first customer whose recommendations the notebook prints (it prints 20 digits of the id). */
const notebookCustomer = 'c8460e4251689ba205045f3ea17884a1'

/** Fits by implicit; undefined where it is not set up. */
type RunImplicit =
  | ((options: Record<string, string | number>) => Promise<{ loss: number; bestScore?: number }>)
  | undefined

/**
 * How well the same objective is met on Olist by ours and by implicit's two solvers, and how far one customer's
 * scores move with the seed in either at an equal loss.
 * @throws where Olist's data is missing
 */
export async function benchLosses({ threads, variant }: LossesOptions): Promise<Losses> {
  const dataset = await readOlist()
  const { matrix, rowOf } = purchases(dataset)
  const file = join(temporaryFolder(), 'olist.csr')
  writeMatrix(file, matrix)
  const runImplicit: RunImplicit = peerIsSetUp()
    ? (options) => runPeer('implicit_als.py', [file], { ...fit, threads, ...options })
    : undefined
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  const losses = await compareLosses(matrix, kernels, runImplicit)
  const bestScores = await compareBestScores(dataset, rowOf, kernels, runImplicit)
  await kernels.close()
  return { variant: kernels.variant, losses, bestScores }
}

async function compareLosses(interactions: Csr, kernels: Kernels, runImplicit: RunImplicit) {
  const itemFactors = startingFactors(interactions.columns * fit.factors)
  const start = join(temporaryFolder(), 'start')
  writeArrays(start, [itemFactors])
  const losses: Losses['losses'][number][] = []
  for (const alpha of alphas) {
    console.error(`losses at α = ${alpha}`)
    const equation = normalEquation('implicit', alpha, fit.regularization)
    const { loss: ours } = await kernels.fitAls({ ...fit, interactions, equation, itemFactors })
    const implicitCg = (await runImplicit?.({ alpha, start, solver: 'cg' }))?.loss
    const implicitExact = (await runImplicit?.({ alpha, start, solver: 'exact' }))?.loss
    losses.push({ alpha, ours, ...(implicitCg && implicitExact && { implicitCg, implicitExact }) })
  }
  return losses
}

async function compareBestScores(
  dataset: Dataset,
  rowOf: Int32Array,
  kernels: Kernels,
  runImplicit: RunImplicit,
) {
  const customer = dataset.customers.indexOf(notebookCustomer)
  const ours: number[] = []
  const implicit: number[] = []
  for (const seed of seeds) {
    console.error(`best score of customer ${notebookCustomer}, seed ${seed}`)
    ours.push(
      await bestScore(await fitModel(dataset, configure('notebook', { seed }), kernels), customer, kernels),
    )
    const theirs = await runImplicit?.({ alpha: 1, seed, 'best-score-of': rowOf[customer] })
    if (theirs?.bestScore !== undefined) implicit.push(theirs.bestScore)
  }
  return { customer: notebookCustomer, ours, ...(implicit.length > 0 && { implicit }) }
}

/** The best collaborative score of a product that the customer has not bought. */
async function bestScore(
  { histories, itemFactors, summary }: Model,
  customer: number,
  kernels: Kernels,
): Promise<number> {
  const { confidence, alpha, regularization } = summary.configuration
  const [from, to] = histories.indptr.subarray(customer, customer + 2)
  const history = {
    rows: 1,
    columns: histories.columns,
    indptr: Uint32Array.of(0, to - from),
    indices: histories.indices.slice(from, to),
    values: histories.values.slice(from, to),
  }
  const foldIn = kernels.openFoldIn(itemFactors, normalEquation(confidence, alpha, regularization))
  const index = kernels.openVectors(itemFactors)
  const { scores } = await index.topK({ queries: foldIn.solve(history), k: 1, excluded: history })
  foldIn.close()
  index.close()
  return scores[0]
}
