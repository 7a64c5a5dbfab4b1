import { RequestError, type ResponseError } from './request-error.ts'

/** How requests are sent. */
export interface Transport {
  readonly url: string
  readonly fetch: typeof fetch
  readonly headers: Readonly<Record<string, string>>
  /** The longest wait for an answer, in milliseconds. */
  readonly timeout: number
  /** How often a throttled request is sent again. */
  readonly retries: number
}

/** If the server asks for a longer wait, a request fails at once, so that the caller can decide. */
const LONGEST_WAIT = 60_000

/**
 * Sends a request, again if it was throttled, and reads the answer.
 * @param read  reads the response; it must finish within the timeout
 * @throws {RequestError} and the reason of `signal`
 */
export async function send<Answer>(
  transport: Transport,
  { accept, body, signal }: { accept: string; body: string; signal: AbortSignal | undefined },
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  // A separate variable: a browser's fetch cannot be called as a method of another object.
  const { url, fetch, headers, timeout, retries } = transport
  const post = (limited: AbortSignal) =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, Accept: accept, 'Content-Type': 'application/json' },
      body,
      signal: limited,
    })
  for (let tried = 0; ; tried++) {
    try {
      return await within(timeout, signal, async (limited) => read(await post(limited)))
    } catch (cause) {
      signal?.throwIfAborted()
      const error = cause instanceof RequestError ? cause : unanswered(transport, cause)
      const wait = isThrottled(error) ? (error.retryAfter ?? 1000 * 2 ** tried) : Infinity
      // A throttled request was not executed: even a mutation can be sent again.
      if (tried >= retries || wait > LONGEST_WAIT) throw error
      await pause(wait, signal)
    }
  }
}

/**
 * The data of a response that is one JSON object.
 * @throws {RequestError} for errors in it, and if it is anything else
 */
export async function readResult(response: Response): Promise<unknown> {
  const text = await response.text()
  const result = parsed(text)
  if (result === undefined) {
    const what = `${response.url} answered ${response.status}, and not with GraphQL: ${text.slice(0, 200)}`
    throw new RequestError({ response }, what)
  }
  return dataOf(result, response)
}

/** @throws {RequestError} for errors in the result */
export function dataOf(result: Result, response: Response): unknown {
  const { data, errors = [] } = result
  if (errors.length > 0 || data === undefined) throw new RequestError({ errors, data, response })
  return data
}

/** A GraphQL response. */
export interface Result {
  readonly data?: unknown
  readonly errors?: readonly ResponseError[]
}

function parsed(text: string): Result | undefined {
  try {
    const result = JSON.parse(text)
    return typeof result === 'object' && ('data' in result || 'errors' in result) ? result : undefined
  } catch {
    return undefined
  }
}

function isThrottled({ status, codes }: RequestError): boolean {
  return status === 429 || codes.includes('THROTTLED')
}

function unanswered({ url, timeout }: Transport, cause: unknown): RequestError {
  const late = cause instanceof DOMException && cause.name === 'TimeoutError'
  const what = late ? `${url} gave no answer within ${timeout} ms.` : `${url} cannot be reached: ${cause}`
  return new RequestError({ cause }, what)
}

async function within<Answer>(
  timeout: number,
  signal: AbortSignal | undefined,
  work: (limited: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new DOMException('too late', 'TimeoutError')), timeout)
  try {
    return await work(AbortSignal.any([limit.signal, ...(signal ? [signal] : [])]))
  } finally {
    clearTimeout(timer)
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, milliseconds)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}
