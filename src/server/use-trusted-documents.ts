import { sortExecutableDocument } from '@graphql-tools/documents'
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { GraphQLError, parse, print } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { callerOf } from './caller.ts'
import type { RateLimits } from './rate-limit.ts'
import { UNREADABLE } from './throttle.ts'
import type { TrustedDocuments } from './trusted-documents.ts'

/** The most characters of all cached texts together. */
const MAX_LETTERS = 1_000_000

/**
 * Answers only trusted documents. A request names one by its id, in `documentId` or
 * `extensions.persistedQuery.sha256Hash`, or by its whole text, with any spacing and order of fields, because generators
 * sort them. The listed text is executed.
 * @param maxTokens  the most tokens of a text
 * @param rateLimiter  charges callers for texts that are not trusted; null if callers are not limited
 */
export function useTrustedDocuments(
  documents: TrustedDocuments,
  maxTokens: number,
  rateLimiter: RateLimits | null,
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
 * The id of a document in the form of GraphQL over HTTP, or in that of Apollo's clients. For a GET yoga drops parameters
 * that it does not know, so `documentId` is read from the URL.
 */
function documentIdIn(params: object, { method, url }: Request): string | null {
  const { documentId, extensions } = params as { documentId?: unknown; extensions?: Record<string, any> }
  const inUrl = method === 'GET' ? new URL(url, 'http://localhost').searchParams.get('documentId') : null
  const id = documentId ?? inUrl ?? extensions?.['persistedQuery']?.sha256Hash
  return typeof id === 'string' ? withoutPrefix(id) : null
}

/** Finds the id of a trusted document by its text. The texts sent most recently are found without parsing. */
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

/** GraphQL over HTTP puts the kind before an id; Apollo's clients do not. */
function withoutPrefix(id: string): string {
  return id.replace(/^sha256:/, '')
}

/** The same text for all documents with the same content. A text that is invalid or too long stays as it is. */
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
