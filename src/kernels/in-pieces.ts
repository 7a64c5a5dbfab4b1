/**
 * Work on the calling thread that may be done at a stretch or in pieces: a generator that yields between two of them and
 * returns the result.
 */
export type InPieces<Result> = Generator<void, Result, void>

/** Does all pieces at a stretch. */
export function atOnce<Result>(pieces: InPieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/**
 * What is made by the first that waits for it: others wait for the same pieces. If it fails, the next begins anew.
 * @param begin  begins the work
 * @returns waits for the result; `pause` is asked for between two pieces, and what it returns is awaited
 */
export function madeOnce<Result>(
  begin: () => InPieces<Result>,
): (pause?: () => Promise<void> | undefined) => Promise<Result> {
  let pieces: InPieces<Result> | undefined
  let made: { readonly result: Result } | undefined
  return async (pause) => {
    while (made === undefined) {
      const turn = pause?.()
      if (turn) await turn
      if (made !== undefined) break
      try {
        const { done, value } = (pieces ??= begin()).next()
        if (done) made = { result: value }
      } catch (cause) {
        pieces = undefined
        throw cause
      }
    }
    return made.result
  }
}
