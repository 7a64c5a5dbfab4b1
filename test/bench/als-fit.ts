import { normalEquation } from '../../src/data/confidence.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { Kernels, KernelVariant } from '../../src/kernels/kernels.ts'
import { peakResidentBytes } from './machine.ts'
import { readFloats, readMatrix } from './matrix-file.ts'
import type { Run } from './sampling.ts'

/** One fit, as both contenders are asked for it; in implicit's convention (confidence = αr). */
export interface FitSettings {
  /** Files: the interactions, and the item factors to start from. */
  readonly matrix: string
  readonly start: string
  readonly factors: number
  readonly alpha: number
  readonly regularization: number
  readonly iterations: number
  readonly threads: number
  /** Of ours; the peer takes its default of 3. */
  readonly conjugateGradientSteps: number
  readonly variant?: KernelVariant
}

export interface FitRun extends Run {
  readonly loss: number
  /** Peak resident memory above the loaded runtime's, the matrix as read included; null where not known. */
  readonly peakBytes: number | null
}

/** Fits once, in this process, and times it from the matrix in memory, threads started, to factors and loss. */
async function fit(settings: FitSettings): Promise<FitRun & { variant: KernelVariant }> {
  const { factors, alpha, regularization, iterations, threads, conjugateGradientSteps, variant } = settings
  const kernels = await openKernels({ threads, ...(variant && { variant }) })
  await startThreads(kernels)
  const runtimeBytes = peakResidentBytes()
  const interactions = readMatrix(settings.matrix)
  const itemFactors = readFloats(settings.start)
  const started = performance.now()
  const cpuStarted = process.cpuUsage()
  const { loss } = await kernels.fitAls({
    interactions,
    equation: normalEquation('implicit', alpha, regularization),
    factors,
    iterations,
    itemFactors,
    conjugateGradientSteps,
    handOver: true,
    itemsOnly: true,
  })
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuStarted)
  const peak = peakResidentBytes()
  const peakBytes = peak === null || runtimeBytes === null ? null : peak - runtimeBytes
  await kernels.close()
  return { seconds, cpuSeconds: (user + system) / 1e6, loss, peakBytes, variant: kernels.variant }
}

/** The pool starts with the first job; the peer's threads start as good as at once. */
async function startThreads(kernels: Kernels): Promise<void> {
  await kernels.fitAls({
    interactions: csrFromTriples(1, 1, Uint32Array.of(0), Uint32Array.of(0)),
    equation: normalEquation('implicit', 1, 1),
    factors: 1,
    iterations: 1,
    itemFactors: Float32Array.of(1),
  })
}

console.log(JSON.stringify(await fit(JSON.parse(process.argv[2]))))
