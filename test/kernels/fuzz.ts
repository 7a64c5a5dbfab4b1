/**
 * Random problems for the core against the plain kernels and the dense elimination; `npm run fuzz -- kernels` for as
 * long as you like, a few rounds in every test run (fuzz.test.ts). A failure names the seed that repeats it.
 */
import { normalEquation } from '../../src/data/confidence.ts'
import type { Csr, Kernels, NormalEquation } from '../../src/kernels/kernels.ts'
import { REGULARIZATION_SCALES } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { backwardError, denseSolution, randomCsr, relativeDistance, uniform } from './problems.ts'

type Random = (from: number, to: number) => number

/**
 * One round of everything.
 * @throws {Error} with the seed and what differed
 */
export async function fuzzKernels(kernels: Kernels, seed: number): Promise<void> {
  const random = uniform(seed)
  try {
    await fuzzFit(kernels, random)
    await fuzzTopK(kernels, random)
    await fuzzCosine(kernels, random)
  } catch (cause) {
    throw new Error(`round with seed ${seed} (${kernels.variant}): ${(cause as Error).message}`, { cause })
  }
}

async function fuzzFit(kernels: Kernels, random: Random): Promise<void> {
  const [users, items, f] = [whole(random, 1, 60), whole(random, 1, 60), whole(random, 1, 70)]
  const interactions = randomCsr(whole(random, 0, 1e9), users, items, random(0, 1) ** 2)
  // Counts of all sizes, fractions among them.
  interactions.values.forEach((r, e) => {
    interactions.values[e] = random(0, 1) < 0.3 ? random(0.01, 50) : r
  })
  const equation = randomEquation(random)
  const itemFactors = Float32Array.from({ length: items * f }, () => random(-1, 1))
  const { userFactors } = await kernels.fitAls({
    interactions,
    equation,
    factors: f,
    iterations: 1,
    itemFactors,
  })
  compareRows('fitAls', interactions, userFactors, itemFactors, f, equation)
  const foldIn = kernels.openFoldIn({ rows: items, columns: f, data: itemFactors }, equation)
  compareRows('fold-in', interactions, foldIn.solve(interactions), itemFactors, f, equation)
}

function compareRows(
  what: string,
  matrix: Csr,
  solved: Float32Array,
  y: Float32Array,
  f: number,
  equation: NormalEquation,
): void {
  for (let row = 0; row < matrix.rows; row++) {
    const expected = denseSolution(matrix, row, y, f, equation)
    const found = solved.subarray(row * f, row * f + f)
    const off = relativeDistance(found, expected)
    if (off < 2e-3) continue
    // Weights a hundred million times λ magnify the rounding of the input itself: then the system's fit is the judge.
    if (backwardError(found, matrix, row, y, f, equation) < 1e-6) continue
    throw new Error(`${what}: row ${row} of ${matrix.rows} is ${off} off with ${f} factors`)
  }
}

function randomEquation(random: Random): NormalEquation {
  const convention = (['hu-koren-volinsky', 'implicit', 'ials'] as const)[whole(random, 0, 2)]
  const alpha = convention === 'ials' ? random(0.01, 2) : random(1, 100)
  const scale = REGULARIZATION_SCALES[whole(random, 0, 1)]
  return normalEquation(convention, alpha, 10 ** random(-1.5, 2), random(0, 1), scale)
}

async function fuzzTopK(kernels: Kernels, random: Random): Promise<void> {
  const [rows, columns, count] = [whole(random, 1, 400), whole(random, 1, 100), whole(random, 1, 9)]
  // Dimensions of very different sizes, whole numbers for ties, rows of zeros.
  const sizes = Array.from({ length: columns }, () => 10 ** random(-4, 4))
  const isWhole = random(0, 1) < 0.3
  const number = (c: number) => (isWhole ? Math.round(random(-2, 2)) : sizes[c] * random(-1, 1))
  const data = Float32Array.from({ length: rows * columns }, (_, at) => number(at % columns))
  for (let row = 0; row < rows; row += 7) data.fill(0, row * columns, (row + 1) * columns)
  const queries = Float32Array.from({ length: count * columns }, (_, at) =>
    isWhole ? Math.round(random(-2, 2)) : random(-1, 1) / sizes[at % columns],
  )
  const mask = randomCsr(whole(random, 0, 1e9), count, rows, random(0, 0.5))
  const excluded = { indptr: mask.indptr, indices: mask.indices }
  const added = () => Float32Array.from({ length: rows }, () => random(-1, 1) ** 9 * 10)
  const rowsAdded = Array.from({ length: count }, () => (isWhole ? added().map(Math.round) : added()))
  const additions = (q: number, row: Float32Array) => row.set(rowsAdded[q])
  const query = { queries, k: whole(random, 0, 40), excluded, ...(random(0, 1) < 0.5 && { additions }) }
  const vectors = { rows, columns, data }
  const half = whole(random, 0, columns)
  const parts = random(0, 1) < 0.5 ? [half, columns - half] : undefined
  const found = await kernels.openVectors(vectors, parts).topK(query)
  const expected = await referenceKernels().openVectors(vectors).topK(query)
  if (found.counts.join() !== expected.counts.join()) throw new Error('top-K: the counts differ')
  for (const [at, score] of expected.scores.entries()) {
    // Items whose scores rounding cannot tell apart may change places, never their scores.
    const tolerance = 1e-5 * Math.max(1, ...expected.scores.map(Math.abs))
    if (!(Math.abs(found.scores[at] - score) <= (isWhole ? 0 : tolerance))) {
      throw new Error(`top-K: score ${at} is ${found.scores[at]}, not ${score}`)
    }
    if (isWhole && found.indices[at] !== expected.indices[at]) throw new Error(`top-K: item ${at} differs`)
  }
}

async function fuzzCosine(kernels: Kernels, random: Random): Promise<void> {
  const [rows, columns] = [whole(random, 1, 150), whole(random, 1, 12)]
  const levels = whole(random, 1, 4)
  const features = Float64Array.from({ length: rows * columns }, () =>
    random(0, 1) < 0.5 ? Math.round(levels * random(-1, 1)) : random(-1, 1),
  )
  const query = { items: Uint32Array.of(0, rows - 1), k: whole(random, 1, 30) }
  const found = await kernels.openCosine(features, rows, columns).topK(query)
  const expected = await referenceKernels().openCosine(features, rows, columns).topK(query)
  if (found.counts.join() !== expected.counts.join()) throw new Error('cosine: the counts differ')
  if (found.indices.join() !== expected.indices.join()) throw new Error('cosine: the neighbours differ')
  if (!(relativeDistance(found.similarities, expected.similarities) < 1e-12)) {
    throw new Error('cosine: the similarities differ')
  }
}

function whole(random: Random, least: number, most: number): number {
  return Math.floor(random(least, most + 1))
}
