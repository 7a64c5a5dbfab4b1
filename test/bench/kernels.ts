import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main as compile } from 'assemblyscript/asc'
import { normalEquation } from '../../src/data/confidence.ts'
import { Arena } from '../../src/kernels/wasm-arena.ts'
import { compileKernels, type WasmVariant } from '../../src/kernels/wasm.ts'
import { uniform } from '../kernels/problems.ts'
import { runForJson } from './child.ts'

export interface KernelRow {
  readonly node: string
  readonly variant: WasmVariant
  readonly kernel: string
  readonly factors: number
  readonly gigaflops: number
  /** Of the processor's measured peak in the same variant, 0 to 1. */
  readonly shareOfPeak: number
}

const VARIANTS: readonly WasmVariant[] = ['simd', 'relaxed-simd']
const ROWS = 4096

/** Each kernel by itself on one thread; also in other versions of Node, where any are named. */
export async function benchKernels(
  factors: readonly number[],
  nodes: readonly string[],
): Promise<KernelRow[]> {
  const rows: KernelRow[] = []
  for (const variant of VARIANTS) {
    const peak = await measurePeak(variant)
    for (const f of factors) rows.push(...(await measureKernels(variant, f, peak)))
  }
  for (const version of nodes) {
    console.error(`Node ${version}`)
    const file = join(import.meta.dirname, 'main.ts')
    const args = ['exec', '--yes', '--package', `node@${version}`, '--', 'node', file, 'kernels', '--json']
    const other = await runForJson<{ rows: KernelRow[] }>('npm', [...args, '--factors', factors.join()])
    rows.push(...other.rows)
  }
  return rows
}

/** GFLOP/s of multiply-adds that touch no memory. */
async function measurePeak(variant: WasmVariant): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-bench-'))
  const file = join(folder, 'peak.wasm')
  const source = join(import.meta.dirname, 'assembly/peak.ts')
  const features = variant === 'simd' ? ['simd'] : ['simd', '--enable', 'relaxed-simd']
  const output = ['-o', file, '-O3', '--runtime', 'stub', '--config', 'none', '--enable']
  const { error } = await compile([source, ...output, ...features])
  if (error !== null) throw error
  const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { abort() {} } })
  await rm(folder, { recursive: true })
  const peak = instance.exports.peak as (rounds: number, half: number) => number
  const rounds = 200_000
  return (64 * rounds) / best(() => peak(rounds, 0.5)) / 1e9
}

async function measureKernels(variant: WasmVariant, f: number, peak: number): Promise<KernelRow[]> {
  const arena = new Arena(await compileKernels(variant), { what: 'a trial', advice: 'ask for less' })
  const { exports } = arena
  const random = uniform(1)
  const floats = (count: number) =>
    arena.putFloats(Float32Array.from({ length: count }, () => random(-0.1, 0.1)))
  const y = floats(ROWS * f)
  const square = floats(f * f)
  const gram = arena.allocate(f * f * 4)
  const scratch = arena.allocate(exports.rowScratch(f) * 4)
  const x = floats(ROWS * f)
  const equation = normalEquation('implicit', 40, 0.1)
  const shared = { z: y, f, multiplicity: 0, shift: 0, spectrum: 0 }
  const system = arena.putSystem(shared, equation)

  /** Rows of n entries each, solved exactly or by steps of conjugate gradients. */
  const solve = (n: number, steps: number) => {
    const count = Math.floor((ROWS * 8) / n)
    const indptr = Uint32Array.from({ length: count + 1 }, (_, row) => row * n)
    const indices = Uint32Array.from({ length: count * n }, () => Math.floor(random(0, ROWS)))
    const values = new Float32Array(count * n).fill(1)
    const csr = arena.putCsr({ rows: count, columns: ROWS, indptr, indices, values })
    const rows = arena.putStructure('Rows', { ...csr, excess: 0, factors: x, weights: 0 })
    const seconds = best(() =>
      exports.solveRows(rows, system, 0, Math.min(count, ROWS), square, steps, square, 0, scratch),
    )
    // A pass is 4·n·f operations; steps passes and the residual's, the last only half. Then the way back, f².
    const passes = steps === 0 ? 0 : 4 * n * f * (steps + 0.5)
    const direct = steps === 0 ? n * n * f + 4 * n * f : 2 * f * f
    return (Math.min(count, ROWS) * (passes + direct + f * f)) / seconds
  }

  const measured: readonly (readonly [string, number])[] = [
    ['gram', (ROWS * f * f) / best(() => exports.gram(y, ROWS, f, 0, gram, scratch))],
    [
      'product',
      (2 * ROWS * f * f) / best(() => exports.multiplyRows(x, ROWS, f, square, exports.FULL.value, scratch)),
    ],
    [
      'triangular product',
      (ROWS * f * f) / best(() => exports.multiplyRows(x, ROWS, f, square, exports.UPPER.value, scratch)),
    ],
    ['rows of 1', solve(1, 0)],
    ['rows of 3', solve(3, 0)],
    ['rows of 10', solve(10, 0)],
    ['rows of 30, 3 steps', solve(30, 3)],
    ['rows of 150, 3 steps', solve(150, 3)],
  ]
  return measured.map(([kernel, flops]) => {
    const gigaflops = flops / 1e9
    return { node: process.version, variant, kernel, factors: f, gigaflops, shareOfPeak: gigaflops / peak }
  })
}

/** Seconds of the fastest of many runs: the others tell of the machine, not of the kernel. */
function best(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  const end = performance.now() + 400
  for (let run = 0; run < 20 || performance.now() < end; run++) {
    const started = performance.now()
    work()
    least = Math.min(least, performance.now() - started)
  }
  return least / 1000
}
