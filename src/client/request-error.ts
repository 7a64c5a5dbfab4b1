/** A GraphQL error, as the server sent it. */
export interface ResponseError {
  /** What was wrong. */
  readonly message: string
  /** The field that failed; left out where the whole operation did. */
  readonly path?: readonly (string | number)[]
  /** `code` says the kind: BAD_USER_INPUT, STALE_CURSOR, THROTTLED, INTERNAL_SERVER_ERROR … */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What is known of a request that failed. */
export interface RequestFailure {
  /** The GraphQL errors; none where the answer was not GraphQL's, or there was none. */
  readonly errors?: readonly ResponseError[]
  /** What was answered in spite of the errors. */
  readonly data?: unknown
  /** The HTTP response; left out where none came. */
  readonly response?: Response
  /** What it was thrown for. */
  readonly cause?: unknown
}

/** A request that was refused, failed, or was not answered at all. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The GraphQL errors; empty where the answer was not GraphQL's, or there was none. */
  readonly errors: readonly ResponseError[]
  /** The codes of the errors, each once. */
  readonly codes: readonly string[]
  /** The part of the result that could be answered; null where nothing could. */
  readonly data: unknown
  /** The HTTP status; null where no answer came. */
  readonly status: number | null
  /** What the server's log knows the request by; null where it gave no id. */
  readonly requestId: string | null
  /** Milliseconds after which the server will take another request; null where it did not say. */
  readonly retryAfter: number | null

  /** @param message  default: those of the GraphQL errors, a line each */
  constructor(failure: RequestFailure, message?: string) {
    const { errors = [], data = null, response, cause } = failure
    super(message ?? errors.map((error) => error.message).join('\n'), { cause })
    this.errors = errors
    this.codes = [...new Set(errors.map(({ extensions }) => extensions?.code))].filter(
      (code) => typeof code === 'string',
    )
    this.data = data
    this.status = response?.status ?? null
    this.requestId = response?.headers.get('x-request-id') ?? null
    this.retryAfter = retryAfterOf(errors, response)
  }
}

/** By the errors, since a page may not read the headers of another site; else by the header: seconds, or a date. */
function retryAfterOf(errors: readonly ResponseError[], response: Response | undefined): number | null {
  const stated = errors
    .map(({ extensions }) => extensions?.retryAfter)
    .find((wait) => typeof wait === 'number')
  const header = stated ?? response?.headers.get('retry-after') ?? null
  if (header === null) return null
  const seconds = Number(header)
  const wait = Number.isNaN(seconds) ? Date.parse(String(header)) - Date.now() : seconds * 1000
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}
