import { sortExecutableDocument } from '@graphql-tools/documents'
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { GraphQLError, parse, print } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { callerOf } from './caller.ts'
import type { RateLimiter } from './rate-limit.ts'
import { UNREADABLE } from './throttle.ts'
import type { TrustedDocuments } from './trusted-documents.ts'

/** The most letters of all cached texts together. */
const MAX_LETTERS = 1_000_000

/**
 * Answers trusted documents only, asked for by their id, in `documentId` or `extensions.persistedQuery.sha256Hash`, or
 * by their whole text, with any spacing and order of fields, since generators sort them. The listed text is executed.
 * @param maxTokens  of a text
 * @param rateLimiter  charges callers for texts that are not trusted; null if callers are not limited
 */
export function useTrustedDocuments(
  documents: TrustedDocuments,
  maxTokens: number,
  rateLimiter: RateLimiter | null,
): Plugin[] {
  const texts = new Map([...documents].map(([id, text]) => [withoutPrefix(id), text]))
  const idOf = idsOf(texts, maxTokens)
  return [
    {
      onParams({ request, params, setParams }) {
        if (params.query == null) return
        const documentId = idOf(String(params.query))
        if (documentId === undefined) {
          rateLimiter?.chargeFault(callerOf(request), UNREADABLE)
          throw refusal(
            'DOCUMENT_NOT_TRUSTED',
            'Only trusted documents are answered here, and this is not one of them.',
          )
        }
        setParams({ ...params, query: undefined, documentId } as object)
      },
    },
    usePersistedOperations({
      extractPersistedOperationId: documentIdIn,
      getPersistedOperation: (id) => texts.get(id) ?? null,
      customErrors: {
        keyNotFound: () =>
          refusal(
            'PERSISTED_QUERY_ID_REQUIRED',
            'Only trusted documents are answered here: pass "documentId", or "extensions.persistedQuery.sha256Hash".',
          ),
        notFound: ({ params, request }) =>
          refusal(
            'PERSISTED_QUERY_NOT_FOUND',
            `"${documentIdIn(params, request)}" is not the id of a trusted document: was the list generated from this client?`,
          ),
      },
    }),
  ]
}

/**
 * The id of a document as GraphQL over HTTP has it, or else as Apollo's clients have it. Of a GET yoga leaves out the
 * parameters that it does not know.
 */
function documentIdIn(params: object, { method, url }: Request): string | null {
  const { documentId, extensions } = params as { documentId?: unknown; extensions?: Record<string, any> }
  const inUrl = method === 'GET' ? new URL(url, 'http://localhost').searchParams.get('documentId') : null
  const id = documentId ?? inUrl ?? extensions?.['persistedQuery']?.sha256Hash
  return typeof id === 'string' ? withoutPrefix(id) : null
}

/** Finds the id of a trusted document by its text; those that clients sent last, as they sent them, without reading. */
function idsOf(texts: TrustedDocuments, maxTokens: number): (text: string) => string | undefined {
  const byNormalForm = new Map([...texts].map(([id, text]) => [normalForm(text, maxTokens), id]))
  const asSent = new LRUCache<string, string>({
    maxSize: MAX_LETTERS,
    sizeCalculation: (_id, text) => text.length + 1,
  })
  return (text) => {
    const id = asSent.get(text) ?? byNormalForm.get(normalForm(text, maxTokens))
    if (id !== undefined) asSent.set(text, id)
    return id
  }
}

/** GraphQL over HTTP puts the kind of an id before it; Apollo's clients do not. */
function withoutPrefix(id: string): string {
  return id.replace(/^sha256:/, '')
}

/** The same form for all texts that ask for the same. A text that is not GraphQL, or too long, is left as it is. */
function normalForm(text: string, maxTokens: number): string {
  try {
    return print(sortExecutableDocument(parse(text, { noLocation: true, maxTokens })))
  } catch {
    return text
  }
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400, spec: true } } })
}
