/**
 * What a server answers with. A serving state is never changed: it is built aside and takes the place of the former one
 * in one assignment. A request keeps the state that it began with, which is closed when the last such request has ended.
 */
import type { Recommender } from '../engine/recommender.ts'

/** A serving state that stays open until it is given back. */
export interface Lease {
  readonly recommender: Recommender
  /** Gives it back; calling it again does nothing. */
  release(): void
}

/** Something that always has a recommender, though not always the same. */
export interface RecommenderSource {
  /** The recommender that new requests are answered with. */
  readonly current: Recommender
  /** Keeps the recommender open until the lease is given back. */
  lease(): Lease
}

interface State {
  readonly recommender: Recommender
  leases: number
}

/** The serving state of a process, and its swap. */
export class ServingStates implements RecommenderSource {
  #state: State

  constructor(recommender: Recommender) {
    this.#state = { recommender, leases: 1 }
  }

  get current(): Recommender {
    return this.#state.recommender
  }

  /** Keeps the present recommender open until the lease is given back. */
  lease(): Lease {
    const state = this.#state
    state.leases++
    let isHeld = true
    return {
      recommender: state.recommender,
      release() {
        if (isHeld) giveBack(state)
        isHeld = false
      },
    }
  }

  /** Answers new requests with another recommender. It and the former one are closed here. */
  swap(recommender: Recommender): void {
    const former = this.#state
    this.#state = { recommender, leases: 1 }
    giveBack(former)
  }

  /** Closes the recommender when the last request has ended. */
  close(): void {
    giveBack(this.#state)
  }
}

/** A recommender that never changes, as a source. */
export function unchanging(recommender: Recommender): RecommenderSource {
  return { current: recommender, lease: () => ({ recommender, release() {} }) }
}

function giveBack(state: State): void {
  if (--state.leases === 0) state.recommender.close()
}
