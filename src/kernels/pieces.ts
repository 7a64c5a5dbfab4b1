/** Long work that is done at a stretch, or in pieces between which others have their turn: the result is the same. */
import { Work } from './work.ts'

/** Work that yields after each of its pieces, and returns its result. */
export type Pieces<Result> = Generator<void, Result, void>

/** Does all of the work at a stretch. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/** Does the work in pieces; where one has used a slice of the thread's time up, others have their turn. */
export async function inPieces<Result>(pieces: Pieces<Result>, work: Work = new Work()): Promise<Result> {
  for (;;) {
    const { done, value } = work.time(() => pieces.next())
    if (done) return value
    const turn = work.pause()
    if (turn) await turn
  }
}
