import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** Tokens of all documents together: some 500 bytes each, once they are read. */
const MAX_TOKENS = 100_000

/** A text's letters count, too, comments among them: eight for a token. */
const LETTERS = 8

/**
 * Keeps the documents that were asked for last, read and validated: as many as a shop's clients have, not as many as
 * somebody can think of. What cannot be read is not kept.
 */
export function documentCaches() {
  return {
    documentCache: new LRUCache<string, DocumentNode>({
      maxSize: MAX_TOKENS,
      sizeCalculation: ({ tokenCount = 0 }, text) => 1 + tokenCount + Math.ceil(text.length / LETTERS),
    }),
    errorCache: { get: () => undefined, set: () => {} },
  }
}
