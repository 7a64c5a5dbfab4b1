/**
 * `Kernels.openVectors` in the core: full rows, and panels of lengths and codes for a first, coarse pass. An index of more
 * vectors than one memory holds is divided into shards, each with a memory of its own. Every item is in one shard, scored
 * there as it would be in a single one; so the best of all are among the best of each, and the merged lists are those of
 * one search, to the last bit.
 */
import { checkFinite, checkParts, checkTopKQuery } from './checks.ts'
import type { DenseMatrix, RowSource, TopKQuery, TopKResult, VectorIndex } from './kernels.ts'
import { KernelError } from './kernels.ts'
import { Stretches } from './quantise.ts'
import type { Pieces } from './pieces.ts'
import { eachPiece, rowSourceOf } from './rows.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import { padded } from './wasm-layout.ts'
import type { PoolJob, WorkerPool } from './wasm-pool.ts'
import {
  bytesOfVector,
  noResults,
  openShard,
  prepareQueries,
  type Shard,
  type Shape,
  TOGETHER,
} from './wasm-shard.ts'
import { type KernelExports, machineMemory, sizeInWords } from './wasm.ts'

/** Multiplications from which a search goes to the worker threads: about a millisecond's worth. */
const WORTH_A_JOB = 50_000_000

/** What the additions and the lists of queries that are searched together may take: 256 MiB. */
const MOST_BYTES = 2 ** 28

/** The most vectors of a shard. */
const MOST_ROWS = 4_000_000

/** What the vectors of a shard may take: a memory of 4 GiB but for what searches need beside them. */
const MOST_SHARD_BYTES = 3.25 * 2 ** 30

/** How the vectors of an index are divided. */
export interface Division {
  /** The most vectors of a shard. */
  readonly mostRows?: number
}

/**
 * @param division  defaults to what fits
 * @throws {KernelError} where a number is not finite, the parts do not fit, or the machine has not that much memory
 */
export function* openVectors(
  module: WebAssembly.Module,
  pool: WorkerPool<SearchJob>,
  vectors: DenseMatrix | RowSource,
  parts?: readonly number[],
  division: Division = {},
): Pieces<VectorIndex> {
  const source = rowSourceOf(vectors, 'vectors')
  const { rows, columns } = source
  if (parts !== undefined) checkParts(parts, columns)
  checkSize(rows, columns, parts?.length ?? 0)
  const shape: Shape = {
    columns,
    width: padded(columns),
    parts: parts ?? [],
    stretch: yield* stretchesOf(source),
  }
  const shards: Shard[] = []
  for (const { first, count } of divide(rows, shape, pool.threads, division))
    shards.push(yield* openShard(module, source, first, count, shape))
  // Searches share the arenas' scratch space: one at a time.
  let turn: Promise<unknown> = Promise.resolve()
  // Where additions are written: number by number, the core's shared memory is several times slower.
  let scratch: Float32Array | undefined
  const control = shards[0]?.arena.allocate(CONTROL_BYTES) ?? 0

  const search = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const { k, additions } = query
    const marks = shards.map(({ arena }) => arena.mark())
    try {
      const prepared = prepareQueries(query.queries, count, shape)
      const searches = shards.map((shard) => shard.layOut(query, prepared))
      if (additions) {
        scratch ??= new Float32Array(rows)
        for (let q = 0; q < count; q++) {
          additions(q, scratch)
          for (const [s, shard] of shards.entries()) shard.putAdditions(searches[s], q, scratch)
        }
      }
      const { arena } = shards[0]
      // Anew for every search: one that failed may have left its threads at the barrier.
      arena.words(control, CONTROL_BYTES / 4).fill(0)
      const plan: SearchPlan = {
        threads: pool.threads,
        control,
        queryCount: prepared.queryCount,
        searches: searches.map((each, s) => ({ memory: shards[s].arena.memory, search: each.search })),
      }
      const work = plan.queryCount * rows * shape.width
      // A pool that is busy with a fit would keep the search waiting for as long as that takes.
      if (work < WORTH_A_JOB || pool.isBusy()) {
        for (const [s, shard] of shards.entries())
          shard.arena.exports.topK(searches[s].search, 0, plan.queryCount)
      } else
        await pool.run({ kind: 'search', memory: arena.memory, plan }, new Control(arena.memory, control))
      return merged(
        shards.map((shard, s) => shard.collect(searches[s], count, k)),
        count,
        k,
      )
    } finally {
      shards.forEach(({ arena }, s) => arena.release(marks[s]))
    }
  }

  /** In pieces whose additions and lists fit `MOST_BYTES`. */
  const searchAll = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const { k } = query
    const bytes = 4 * ((query.additions ? rows : 0) + 2 * Math.min(k, rows))
    const most = Math.max(TOGETHER, Math.floor(MOST_BYTES / bytes / CLAIM) * CLAIM)
    if (count <= most) return search(query, count)
    const result = noResults(count, k)
    for (let from = 0; from < count; from += most) {
      const to = Math.min(count, from + most)
      const piece = await search(pieceOf(query, from, to, columns), to - from)
      result.counts.set(piece.counts, from)
      result.indices.set(piece.indices, from * k)
      result.scores.set(piece.scores, from * k)
    }
    return result
  }

  return {
    topK(query) {
      const result = turn.then(() => {
        checkTopKQuery(query, rows, columns)
        const count = columns === 0 ? 0 : query.queries.length / columns
        if (count === 0 || query.k === 0 || rows === 0) return noResults(count, query.k)
        return searchAll(query, count)
      })
      turn = result.catch(() => {})
      return result
    },
    // Its memory is given back when nothing refers to it any more: another recommender may have taken it over.
    close() {},
  }
}

/** @throws {KernelError} when the machine has not as much memory as the index takes */
function checkSize(rows: number, columns: number, parts: number): void {
  const bytes = rows * bytesOfVector(columns, parts)
  if (bytes <= machineMemory()) return
  throw new KernelError(
    `a search index of ${rows} vectors × ${columns} columns needs ${sizeInWords(bytes)}, and this machine has ` +
      `${sizeInWords(machineMemory())}: use fewer factors, or a machine with more memory`,
  )
}

/** Also looks at every number. @throws {KernelError} where one is not finite */
function* stretchesOf(source: RowSource): Pieces<Float32Array> {
  const stretches = new Stretches(source.columns)
  for (const { piece, first } of eachPiece(source)) {
    checkFinite(piece, 'vectors', source.columns, first)
    stretches.count(piece)
    yield
  }
  return stretches.of(source.rows)
}

/** Which vectors are in which shard: about as many in each, and as many shards as threads, or a multiple, if not one. */
function divide(
  rows: number,
  { columns, parts }: Shape,
  threads: number,
  { mostRows = MOST_ROWS }: Division,
): { first: number; count: number }[] {
  const most = Math.min(mostRows, Math.floor(MOST_SHARD_BYTES / bytesOfVector(columns, parts.length)))
  const least = Math.ceil(rows / most)
  const wanted = least <= 1 ? least : Math.ceil(least / threads) * threads
  // Whole words of bits, so that a set of eligible items divides likewise.
  const each = Math.max(32, Math.ceil(rows / wanted / 32) * 32)
  return Array.from({ length: Math.ceil(rows / each) || 0 }, (_, s) => ({
    first: s * each,
    count: Math.min(each, rows - s * each),
  }))
}

/** The queries from … to − 1 of many. */
function pieceOf(query: TopKQuery, from: number, to: number, columns: number): TopKQuery {
  const { queries, excluded, additions } = query
  const [begin, end] = excluded ? [excluded.indptr[from], excluded.indptr[to]] : [0, 0]
  return {
    ...query,
    queries: queries.subarray(from * columns, to * columns),
    ...(excluded && {
      excluded: {
        indptr: excluded.indptr.slice(from, to + 1).map((bound) => bound - begin),
        indices: excluded.indices.subarray(begin, end),
      },
    }),
    ...(additions && { additions: (q: number, sums: Float32Array) => additions(from + q, sums) }),
  }
}

/** The best of several lists a query: best first, ties to the earlier list, whose items have the lower numbers. */
function merged(lists: readonly TopKResult[], count: number, k: number): TopKResult {
  if (lists.length === 1) return lists[0]
  const result = noResults(count, k)
  const next = new Uint32Array(lists.length)
  for (let q = 0; q < count; q++) {
    next.fill(0)
    let found = 0
    for (; found < k; found++) {
      let best = -1
      for (let s = 0; s < lists.length; s++) {
        const isLeft = next[s] < lists[s].counts[q]
        if (isLeft && (best < 0 || scoreAt(lists[s], q, next[s]) > scoreAt(lists[best], q, next[best])))
          best = s
      }
      if (best < 0) break
      const at = q * k + next[best]++
      result.indices[q * k + found] = lists[best].indices[at]
      result.scores[q * k + found] = lists[best].scores[at]
    }
    result.counts[q] = found
  }
  return result

  function scoreAt({ scores }: TopKResult, q: number, place: number): number {
    return scores[q * k + place]
  }
}

/** A top-K search as its threads see it. */
export interface SearchPlan {
  readonly threads: number
  readonly control: number
  /** Padded to a multiple of 4, or 1. */
  readonly queryCount: number
  /** A Search (assembly/topk.ts) in each shard's memory. */
  readonly searches: readonly { readonly memory: WebAssembly.Memory; readonly search: number }[]
}

/** What a pool is asked to run. */
export type SearchJob = PoolJob<'search', SearchPlan>

/** Queries that a thread claims at once: they share each block of items while it is in the cache. */
const CLAIM = 64

/**
 * Runs one thread's part of a search to its end. Each list is made by one thread alone, so the result does not depend on
 * how many there are.
 * @param open  the core over a shard's memory
 */
export function runSearch(
  open: (memory: WebAssembly.Memory) => KernelExports,
  control: Control,
  { threads, searches, queryCount }: SearchPlan,
): void {
  const opened: KernelExports[] = []
  const claims = Math.ceil(queryCount / CLAIM)
  control.share(threads, claims * searches.length, (work) => {
    // Shard by shard: threads that read the same one share what is in the cache.
    const s = Math.floor(work / claims)
    const from = (work % claims) * CLAIM
    const { memory, search } = searches[s]
    opened[s] ??= open(memory)
    opened[s].topK(search, from, Math.min(queryCount, from + CLAIM))
  })
}
