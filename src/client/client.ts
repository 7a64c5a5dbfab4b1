import { type AnyDocument, bodyOf, type TypedDocument, type VariablesOf } from './document.ts'
import { expectEvents, resultsOf } from './events.ts'
import { type Page, pagesOf } from './pages.ts'
import { readResult, send, type Transport } from './transport.ts'

const JSON_RESPONSE = 'application/graphql-response+json, application/json;q=0.9'

/** How a client reaches its server. */
export interface ClientOptions {
  /** The URL of GraphQL, …/graphql. */
  readonly url: string
  /**
   * An API key or a customer token, sent with every request. Everyone who opens a page can read what it contains: give
   * pages a customer token, never a key that may read customers.
   */
  readonly apiKey?: string
  /** Default: the platform's own. */
  readonly fetch?: typeof fetch
  /** The longest wait for an answer, or for the first result of a subscription, in milliseconds. Default: 30,000. */
  readonly timeout?: number
  /** How often a throttled request is sent again, after the wait that the server asks for. Default: 3. */
  readonly retries?: number
  /** Sends the hashes of documents instead of their text, for a server with trusted documents. Default: false. */
  readonly persisted?: boolean
}

/** Options of one request. */
export interface RequestOptions {
  /** Aborts the request, which then throws the reason of the signal. */
  readonly signal?: AbortSignal
}

/** Sends requests to one server. Errors and incomplete answers are thrown as a `RequestError`. */
export interface Client {
  /** Sends a query or a mutation. Deferred fragments come with the rest. */
  query<Result = unknown>(document: string, variables?: object, options?: RequestOptions): Promise<Result>
  /** The result and the variables are typed by the document. */
  query<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...rest: [...VariablesOf<Variables>, options?: RequestOptions]
  ): Promise<Result>

  /**
   * All pages of a connection from the first, or after `variables.after`; each is requested when the loop reaches it.
   * The document must pass $after to the connection and select `pageInfo { hasNextPage endCursor }`. The error code
   * STALE_CURSOR means that the list has changed since its first page: begin again.
   * @param pick  the connection in a result
   */
  paginate<Result, Of extends Page>(
    document: string,
    variables: After & Readonly<Record<string, unknown>>,
    pick: (result: Result) => Of,
    options?: RequestOptions,
  ): AsyncGenerator<Of, void, void>
  /** The result and the variables are typed by the document. */
  paginate<Result, Variables extends After, Of extends Page>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    pick: (result: Result) => Of,
    options?: RequestOptions,
  ): AsyncGenerator<Of, void, void>

  /** The results of a subscription as they come, by server-sent events. Leaving the loop closes the connection. */
  subscribe<Result = unknown>(
    document: string,
    variables?: object,
    options?: RequestOptions,
  ): AsyncGenerator<Result, void, void>
  /** The results and the variables are typed by the document. */
  subscribe<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...rest: [...VariablesOf<Variables>, options?: RequestOptions]
  ): AsyncGenerator<Result, void, void>
}

/** Variables of a document that reads a connection page by page. */
export interface After {
  /** The cursor to continue after; left out for the first page. */
  readonly after?: string | null | undefined
}

/** Creates a client of one server; it sends nothing yet. */
export function createClient({ url, apiKey, persisted = false, ...options }: ClientOptions): Client {
  const transport: Transport = {
    url,
    fetch: options.fetch ?? fetch,
    headers: apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` },
    timeout: options.timeout ?? 30_000,
    retries: options.retries ?? 3,
  }

  async function query(document: AnyDocument, variables?: object, { signal }: RequestOptions = {}) {
    const body = await bodyOf(document, variables, persisted)
    return send(transport, { accept: JSON_RESPONSE, body, signal }, readResult)
  }

  function paginate<Of extends Page>(
    document: AnyDocument,
    variables: After,
    pick: (result: unknown) => Of,
    requestOptions?: RequestOptions,
  ) {
    const ask = async (after: After['after']) =>
      pick(await query(document, { ...variables, after }, requestOptions))
    return pagesOf(ask, variables.after)
  }

  async function* subscribe(document: AnyDocument, variables?: object, { signal }: RequestOptions = {}) {
    const body = await bodyOf(document, variables, persisted)
    const response = await send(transport, { accept: 'text/event-stream', body, signal }, expectEvents)
    yield* resultsOf(response, signal)
  }

  return { query, paginate, subscribe } as Client
}
