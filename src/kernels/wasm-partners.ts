import { checkPartnersProblem } from './checks.ts'
import { transpose } from './csr.ts'
import type { Partners, PartnersProblem } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES, throwIfCancelled } from './wasm-control.ts'
import type { PoolJob, WorkerPool } from './wasm-pool.ts'
import type { KernelExports } from './wasm.ts'

/** Items that a thread claims at once: a cancel waits for them. */
const CLAIM = 16

/** Items whose partners are in the core's memory at once: 25 MiB of 200 partners each. */
const BLOCK = 16_384

/** A search as its threads see it; byte offsets and counts. */
export interface PartnersPlan {
  readonly threads: number
  readonly control: number
  /** The PartnerSearch (assembly/partners.ts). */
  readonly search: number
  /** The items first … end − 1 are answered. */
  readonly first: number
  readonly end: number
  /** Scratch space, `scratchBytes` a thread: a word an item, another, and k numbers in double precision. */
  readonly scratch: number
  readonly scratchBytes: number
  readonly itemCount: number
}

/** What a pool is asked to run. */
export type PartnersJob = PoolJob<'partners', PartnersPlan>

/** Runs thread number `thread` of a search to its end; each item is answered by one thread alone. */
export function runPartners(
  exports: KernelExports,
  control: Control,
  { threads, search, first, end, scratch, scratchBytes, itemCount }: PartnersPlan,
  thread: number,
): void {
  const shared = scratch + thread * scratchBytes
  const touched = shared + itemCount * 4
  const scores = Math.ceil((touched + itemCount * 4) / 8) * 8
  control.share(threads, Math.ceil((end - first) / CLAIM), (claim) => {
    const from = first + claim * CLAIM
    exports.findPartners(search, from, Math.min(end, from + CLAIM), shared, touched, scores)
  })
}

/** `Kernels.findPartners` in the core, block by block. */
export async function findPartners(
  module: WebAssembly.Module,
  pool: WorkerPool<PartnersJob>,
  problem: PartnersProblem,
): Promise<Partners> {
  checkPartnersProblem(problem)
  const { interactions, most, sharedFirst = 1, signal } = problem
  throwIfCancelled(signal)
  const itemCount = interactions.columns
  const k = Math.min(most, Math.max(0, itemCount - 1))
  const byItem = transpose(interactions)
  const users = Uint32Array.from({ length: itemCount }, (_, i) => byItem.indptr[i + 1] - byItem.indptr[i])
  const indptr = new Uint32Array(itemCount + 1)
  if (k === 0) return { users, indptr, indices: new Uint32Array(0), together: new Uint32Array(0) }
  const arena = new Arena(module, {
    what: `a search for the partners of ${itemCount} items among ${interactions.indices.length} purchases`,
    advice: 'train on fewer customers or a shorter time',
  })
  const block = Math.min(BLOCK, itemCount)
  const scratchBytes = itemCount * 8 + k * 8 + 8
  const fields = {
    userBounds: arena.putWords(interactions.indptr),
    userItems: arena.putWords(interactions.indices),
    itemBounds: arena.putWords(byItem.indptr),
    itemUsers: arena.putWords(byItem.indices),
    k,
    sharedFirst,
    partners: arena.allocate(block * k * 4),
    together: arena.allocate(block * k * 4),
    counts: arena.allocate(block * 4),
  }
  const scratch = arena.allocate(pool.threads * scratchBytes)
  const controlAt = arena.allocate(CONTROL_BYTES)
  const mark = arena.mark()
  const found: { readonly partners: Uint32Array; readonly together: Uint32Array }[] = []
  for (let first = 0; first < itemCount; first += block) {
    const end = Math.min(itemCount, first + block)
    const plan: PartnersPlan = {
      threads: pool.threads,
      control: controlAt,
      search: arena.putStructure('PartnerSearch', { ...fields, first }),
      first,
      end,
      scratch,
      scratchBytes,
      itemCount,
    }
    const control = new Control(arena.memory, controlAt)
    const cancel = () => control.cancel()
    signal?.addEventListener('abort', cancel)
    try {
      await pool.run({ kind: 'partners', memory: arena.memory, plan }, control)
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
    throwIfCancelled(signal)
    const counts = arena.words(fields.counts, end - first)
    for (let i = 0; i < counts.length; i++) indptr[first + i + 1] = indptr[first + i] + counts[i]
    found.push({
      partners: packed(arena.words(fields.partners, block * k), counts, k),
      together: packed(arena.words(fields.together, block * k), counts, k),
    })
    arena.release(mark)
  }
  return {
    users,
    indptr,
    indices: joined(found.map(({ partners }) => partners)),
    together: joined(found.map(({ together }) => together)),
  }
}

/** The first `counts[row]` words of each row of k. */
function packed(rows: Uint32Array, counts: Uint32Array, k: number): Uint32Array {
  const words = new Uint32Array(counts.reduce((sum, count) => sum + count, 0))
  for (let row = 0, at = 0; row < counts.length; at += counts[row], row++)
    words.set(rows.subarray(row * k, row * k + counts[row]), at)
  return words
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
