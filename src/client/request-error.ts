/** A GraphQL error, as the server sent it. */
export interface ResponseError {
  /** What was wrong. */
  readonly message: string
  /** The field that failed; left out if the whole operation failed. */
  readonly path?: readonly (string | number)[]
  /** `code` is the kind: BAD_USER_INPUT, STALE_CURSOR, THROTTLED, INTERNAL_SERVER_ERROR … */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The facts about a failed request. */
export interface RequestFailure {
  /** The GraphQL errors; none if there was no answer, or not one of GraphQL. */
  readonly errors?: readonly ResponseError[]
  /** The data that came with the errors. */
  readonly data?: unknown
  /** The HTTP response; left out if there was none. */
  readonly response?: Response
  /** The cause of the error. */
  readonly cause?: unknown
}

/** A request that was rejected, failed, or was not answered. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The GraphQL errors; empty if there was no answer, or not one of GraphQL. */
  readonly errors: readonly ResponseError[]
  /** The codes of the errors, each once. */
  readonly codes: readonly string[]
  /** The part of the result that could be answered; null if there is none. */
  readonly data: unknown
  /** The HTTP status; null if there was no answer. */
  readonly status: number | null
  /** The id of the request in the server's log; null if there is none. */
  readonly requestId: string | null
  /** Milliseconds after which the server accepts another request; null if it did not say. */
  readonly retryAfter: number | null

  /** @param message  default: those of the GraphQL errors, one in each line */
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

/** From the errors, because a page may not read the headers of another site; else from the header: seconds, or a date. */
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
