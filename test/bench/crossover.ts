import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { main as compile } from 'assemblyscript/asc'
import { normalEquation } from '../../src/data/confidence.ts'
import { Arena } from '../../src/kernels/wasm-arena.ts'
import { bestVariant, type WasmVariant } from '../../src/kernels/wasm.ts'
import { uniform } from '../kernels/problems.ts'
import { median } from './sampling.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Rows of one length, solved by either way; µs a row on one thread, the way back to the plain basis included. */
export interface CrossoverRow {
  readonly variant: WasmVariant
  readonly factors: number
  readonly entries: number
  /** Woodbury's n × n system. */
  readonly lowRankMicroseconds: number
  readonly conjugateGradientMicroseconds: number
}

const LENGTHS = [1, 2, 4, 8, 12, 16, 20, 24, 32, 48]
const STEPS = 3

/** Products to choose from: more than the caches nearest to the processor hold, as in a shop. */
const ITEMS = 32_768
const ENTRIES = 65_536

/**
 * Where the n × n system of short rows stops paying, beside three steps of conjugate gradients. The core is built
 * twice more for it, with every row treated as short and with none.
 */
export async function benchCrossover(factors: readonly number[]): Promise<CrossoverRow[]> {
  const variant = bestVariant()
  const allShort = await buildCore(variant, Math.max(...LENGTHS))
  const noneShort = await buildCore(variant, 0)
  return factors.flatMap((f) => {
    const lowRank = microsecondsARow(allShort, f)
    const conjugateGradient = microsecondsARow(noneShort, f)
    return LENGTHS.map((entries, i) => ({
      variant,
      factors: f,
      entries,
      lowRankMicroseconds: lowRank[i],
      conjugateGradientMicroseconds: conjugateGradient[i],
    }))
  })
}

/** The core with another limit for short rows. */
async function buildCore(variant: WasmVariant, short: number): Promise<WebAssembly.Module> {
  const folder = temporaryFolder()
  const root = join(import.meta.dirname, '../..')
  cpSync(join(root, 'assembly'), join(folder, 'assembly'), { recursive: true })
  const { options, targets } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'))
  const config = { entries: ['assembly/index.ts'], options, targets: { [variant]: targets[variant] } }
  writeFileSync(join(folder, 'asconfig.json'), JSON.stringify(config))
  const source = join(folder, 'assembly/short-row.ts')
  const former = readFileSync(source, 'utf8')
  const changed = former.replace(/SHORT: u32 = \d+;/, `SHORT: u32 = ${short};`)
  if (changed === former) throw new Error('assembly/short-row.ts states its limit otherwise than expected')
  writeFileSync(source, changed)
  const { error, stderr } = await compile([
    '--baseDir',
    folder,
    '--config',
    'asconfig.json',
    '--target',
    variant,
  ])
  if (error !== null) throw new Error(stderr.toString(), { cause: error })
  return WebAssembly.compile(await readFile(join(folder, targets[variant].outFile)))
}

/** For each of `LENGTHS`. */
function microsecondsARow(core: WebAssembly.Module, f: number): number[] {
  const arena = new Arena(core, { what: 'a trial', advice: 'ask for less' })
  const random = uniform(1)
  const floats = (count: number) =>
    arena.putFloats(Float32Array.from({ length: count }, () => random(-0.1, 0.1)))
  const z = floats(ITEMS * f)
  const square = floats(f * f)
  const x = floats(ENTRIES * f)
  const scratch = arena.allocate(arena.exports.rowScratch(f) * 4)
  const equation = normalEquation('implicit', 40, 0.1)
  const system = arena.putSystem({ z, f, multiplicity: 0, shift: 0, spectrum: 0 }, equation)
  return LENGTHS.map((n) => {
    const count = Math.floor(ENTRIES / n)
    const indptr = Uint32Array.from({ length: count + 1 }, (_, row) => row * n)
    const indices = Uint32Array.from({ length: count * n }, () => Math.floor(random(0, ITEMS)))
    const values = new Float32Array(count * n).fill(1)
    const csr = arena.putCsr({ rows: count, columns: ITEMS, indptr, indices, values })
    const rows = arena.putStructure('Rows', { ...csr, excess: 0, factors: x, weights: 0 })
    const times = Array.from({ length: 9 }, () => {
      const started = performance.now()
      // In short calls: the engine swaps in optimised code only between them.
      for (let from = 0; from < count; from += 512) {
        const to = Math.min(from + 512, count)
        arena.exports.solveRows(rows, system, from, to, square, STEPS, square, 0, scratch)
      }
      return ((performance.now() - started) * 1000) / count
    })
    return median(times)
  })
}
