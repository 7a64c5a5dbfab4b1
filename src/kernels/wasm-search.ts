import type { Control } from './wasm-control.ts'
import type { KernelExports } from './wasm.ts'

/** A top-K search as its threads see it; byte offsets and counts. */
export interface SearchPlan {
  readonly threads: number
  readonly control: number
  /** The Search (assembly/topk.ts). */
  readonly search: number
  /** Padded to a multiple of 4, or 1. */
  readonly queryCount: number
  /** Results a list has room for. */
  readonly kept: number
  readonly scores: number
  readonly items: number
  readonly counts: number
}

/** Queries that a thread claims at once: they share each block of items while it is in the cache. */
const CLAIM = 64

/**
 * Runs one thread's part of a search to its end; without `control`, all of it on the calling thread. Each query
 * is answered by one thread alone, so the result does not depend on how many there are.
 */
export function runSearch(
  exports: KernelExports,
  control: Control | undefined,
  { threads, search, queryCount }: SearchPlan,
): void {
  if (control === undefined) exports.topK(search, 0, queryCount)
  else {
    control.share(threads, Math.ceil(queryCount / CLAIM), (claim) => {
      exports.topK(search, claim * CLAIM, Math.min(queryCount, (claim + 1) * CLAIM))
    })
  }
}
