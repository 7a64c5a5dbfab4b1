import { readFile } from 'node:fs/promises'
import { sortExecutableDocument } from '@graphql-tools/documents'
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { GraphQLError, parse, print, specifiedRules, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { schema } from '../graphql/schema.ts'
import { callerOf } from './caller.ts'
import { documentSizeRule } from './document-size.ts'
import { FiniteNumbersRule } from './finite-numbers.ts'
import { type Limits, limitsOf } from './limits.ts'
import type { Spending } from './spending.ts'
import { UNREADABLE } from './throttle.ts'

/** The texts of the documents that are answered, by id. */
export type TrustedDocuments = ReadonlyMap<string, string>

/** Of all texts together that are kept as they were sent. */
const MAX_LETTERS = 1_000_000

const shape = z.record(z.string(), z.string())

/**
 * Reads the documents that a server is to answer, and no others: a JSON object of texts by id, as GraphQL Code
 * Generator's client preset writes it (`persistedDocuments`).
 * @param limits  of the server: documents that they would refuse are refused now. Left out: the environment's
 * @throws {Error} naming what is wrong with the file, or every document that could not be answered
 */
export async function readTrustedDocuments(file: string, limits = limitsOf()): Promise<TrustedDocuments> {
  const documents = new Map(Object.entries(await readTexts(file)))
  if (documents.size === 0) throw new Error(`${file} holds no documents: this server would answer nothing`)
  const problems = [...documents].flatMap(([id, text]) =>
    problemsOf(text, limits).map((problem) => `  ${id}: ${problem}`),
  )
  if (problems.length > 0) {
    throw new Error(`${file} holds documents that could not be answered:\n${problems.join('\n')}`)
  }
  return documents
}

async function readTexts(file: string): Promise<Record<string, string>> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError
        ? 'it is not a JSON object of documents by id, as { "5d41…": "query …" }'
        : `${(cause as Error).message}; check the path, and that codegen ran with "persistedDocuments"`
    throw new Error(`cannot read the trusted documents of ${file}: ${reason}`, { cause })
  }
}

function problemsOf(text: string, limits: Limits): string[] {
  try {
    const document = parse(text, { maxTokens: limits.tokens })
    return validate(schema, document, [...specifiedRules, FiniteNumbersRule, documentSizeRule(limits)]).map(
      ({ message }) => message,
    )
  } catch (error) {
    return [(error as Error).message]
  }
}

/**
 * Answers trusted documents alone, asked for by their id, in `documentId` or `extensions.persistedQuery.sha256Hash`,
 * or by their whole text, however it is spaced and in whatever order its fields stand: generators sort them. What is
 * executed is the text of the list.
 * @param maxTokens  of a text
 * @param spending  what callers have left, who pay for texts that are not trusted; null where they are not limited
 */
export function useTrustedDocuments(
  documents: TrustedDocuments,
  maxTokens: number,
  spending: Spending | null,
): Plugin[] {
  const texts = new Map([...documents].map(([id, text]) => [withoutPrefix(id), text]))
  const idOf = idsOf(texts, maxTokens)
  return [
    {
      onParams({ request, params, setParams }) {
        if (params.query == null) return
        const documentId = idOf(String(params.query))
        if (documentId === undefined) {
          spending?.chargeFault(callerOf(request), UNREADABLE)
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
            `"${documentIdIn(params, request)}" is the id of no trusted document: was the list generated from this client?`,
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

/** GraphQL over HTTP writes of what kind an id is before it; Apollo's clients do not. */
function withoutPrefix(id: string): string {
  return id.replace(/^sha256:/, '')
}

/** One for all texts that ask for the same. What is no GraphQL, or too long, stands for itself. */
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
