/**
 * A document that a code generator has typed: its result and its variables. Codegen's `TypedDocumentNode` and
 * `TypedDocumentString` are both such documents.
 */
export type TypedDocument<Result, Variables> = (DocumentNode | TypedText) & {
  /** Never present: the compiler reads the types from it. */
  readonly __apiType?: ((variables: Variables) => Result) | undefined
  /** `hash`: the id of the document for a server with trusted documents. */
  readonly __meta__?: Readonly<Record<string, unknown>> | undefined
}

/** A parsed document, of any version of graphql. */
export interface DocumentNode {
  /** "Document". */
  readonly kind: string
  /** Its operations and fragments. */
  readonly definitions: readonly object[]
}

/** A document's text as an object, which can carry types, unlike a string. */
export interface TypedText {
  /** The document. */
  toString(): string
  /** The method of any string; a parsed document has none. */
  readonly length: number
}

/** Variables, which are optional if the document requires none. */
export type VariablesOf<Variables> =
  Record<never, never> extends Variables ? [variables?: Variables] : [variables: Variables]

export type AnyDocument = string | TypedDocument<unknown, never>

/**
 * A request's body: the document's text, or the hash that its generator gave it.
 * @throws {TypeError} if a hash is needed and the document has none
 */
export async function bodyOf(
  document: AnyDocument,
  variables: object | undefined,
  persisted: boolean,
): Promise<string> {
  if (persisted) return JSON.stringify({ documentId: hashOf(document), variables })
  return JSON.stringify({ query: await textOf(document), variables })
}

async function textOf(document: AnyDocument): Promise<string> {
  if (typeof document === 'string' || !('definitions' in document)) return document.toString()
  // A program that passes parsed documents has graphql.
  const { print } = await import('graphql')
  return print(document as Parameters<typeof print>[0])
}

function hashOf(document: AnyDocument): string {
  const hash = typeof document === 'string' ? undefined : document.__meta__?.hash
  if (typeof hash === 'string') return hash
  throw new TypeError(
    'persisted: true sends the hash of a document, and this one has none: generate documents with ' +
      'persistedDocuments: true in the client preset of GraphQL Code Generator.',
  )
}
