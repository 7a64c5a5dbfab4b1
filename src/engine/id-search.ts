import type { StringColumn } from '../data/ids.ts'

/** Ids that are looked at in one piece: some 25 ns each. */
export const PIECE = 20_000

/** What a search yields when a piece is done: no id. */
export const PIECE_DONE = -1

/** Shorter texts are found at the beginning of ids alone: further in they say too little. */
const LEAST_WITHIN = 3

/**
 * Ids by a part of them: those that begin with a text, then those that hold it further in, each in the order of the
 * table. Letters a to z are found in either case. Nothing is indexed: a look at all ids takes some 25 ns each, and
 * `ids` are held once more, in lower case.
 */
export function idSearch(ids: StringColumn): (text: string) => Generator<number> {
  const { offsets, size } = ids
  const bytes = lowerCase(ids.bytes)

  function* beginning(part: Buffer): Generator<number> {
    for (let id = 0; id < size; id++) {
      const start = offsets[id]
      let same = 0
      while (same < part.length && bytes[start + same] === part[same]) same++
      if (same === part.length && start + same <= offsets[id + 1]) yield id
      if (id % PIECE === 0) yield PIECE_DONE
    }
  }

  function* further(part: Buffer): Generator<number> {
    let id = 0
    let at = bytes.indexOf(part)
    while (at >= 0) {
      while (offsets[id + 1] <= at) id++
      const next = offsets[id + 1]
      if (at > offsets[id] && at + part.length <= next) yield id
      at = bytes.indexOf(part, next)
    }
  }

  return function* found(text) {
    const part = lowerCase(Buffer.from(text))
    if (part.length === 0) return
    yield* beginning(part)
    if (part.length >= LEAST_WITHIN) yield* further(part)
  }
}

function lowerCase(text: Uint8Array): Buffer {
  const copy = Buffer.from(text)
  for (let at = 0; at < copy.length; at++) if (copy[at] >= 65 && copy[at] <= 90) copy[at] += 32
  return copy
}
