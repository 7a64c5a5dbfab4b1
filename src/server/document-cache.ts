import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Plugin } from 'graphql-yoga'

/** The most that all cached documents take together, in bytes. */
const MAX_BYTES = 12 * 2 ** 20

/** What a token takes once it is read, with its place in the tree: 250 to 440 bytes were measured. */
const TOKEN = 500

/** The bytes that a document takes in addition to its tokens and its text. */
const OVERHEAD = 1000

/**
 * Keeps the documents that were asked for last, read and found valid: as many as a shop's clients have, not as many as
 * somebody can think of. Nothing is kept of what cannot be read or is not valid, its errors neither (yoga's own cache
 * keeps those), so that nobody fills memory with what is never answered.
 */
export function useDocumentCache(): Plugin {
  const kept = new LRUCache<string, DocumentNode>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ tokenCount = 0 }, text) => OVERHEAD + TOKEN * tokenCount + 2 * text.length,
  })
  const valid = new WeakSet<DocumentNode>()
  return {
    onParse({ params, setParsedDocument }) {
      const document = kept.get(String(params.source))
      if (document) setParsedDocument(document)
    },
    onValidate({ params: { documentAST }, setResult }) {
      if (valid.has(documentAST)) {
        setResult([])
        return undefined
      }
      return (outcome) => {
        const text = documentAST.loc?.source.body
        if (!outcome.valid || text === undefined) return
        valid.add(documentAST)
        kept.set(text, documentAST)
      }
    },
  }
}
