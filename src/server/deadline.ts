import { GraphQLError } from 'graphql'

/** The last tenth of the time, at most half a second, is left to send what there is. */
const LAST_PART = { share: 0.1, seconds: 0.5 }

/**
 * Until when a request may be worked on. It ends twice. First `signal` aborts, which resolvers are given: what can do
 * without more work does (an explanation is the template's). What is not there soon after is given up: `over` aborts.
 * Both abort when the client has gone.
 */
export class Deadline {
  readonly #work = new AbortController()
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined

  /** @param client  aborts when the client has gone */
  constructor(client: AbortSignal, seconds: number) {
    this.allow(seconds)
    const gone = () => this.#giveUp(new DOMException('The client has gone.', 'AbortError'))
    client.addEventListener('abort', gone, { once: true })
    if (client.aborted) gone()
  }

  /** Aborts when there is not much time left. */
  get signal(): AbortSignal {
    return this.#work.signal
  }

  /** Aborts when there is none left. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Ends so many seconds from now, and not when it was to. */
  allow(seconds: number): void {
    const last = Math.min(LAST_PART.share * seconds, LAST_PART.seconds)
    this.#after(seconds - last, () => {
      this.#work.abort(timeout(seconds))
      this.#after(last, () => this.#giveUp(timeout(seconds, 503)))
    })
  }

  /** Ends at once, whatever time is left. @param reason  what is answered */
  end(reason: unknown): void {
    this.#giveUp(reason)
  }

  /** The request has been answered. */
  met(): void {
    clearTimeout(this.#timer)
  }

  #after(seconds: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, 1000 * seconds).unref()
  }

  #giveUp(reason: unknown): void {
    clearTimeout(this.#timer)
    this.#work.abort(reason)
    this.#over.abort(reason)
  }
}

/** Settles as `promise` does, or throws why it was not waited for any longer. */
export function unlessAborted<Result>(
  promise: PromiseLike<Result> | Result,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

/** @param status  of HTTP, where nothing but the error can be answered */
function timeout(seconds: number, status?: number): GraphQLError {
  return new GraphQLError(
    `This took longer than the ${seconds} s that a request may take: ask for less at once, or for what takes long ` +
      '(explanations) in a fragment with @defer.',
    { extensions: { code: 'TIMEOUT', ...(status && { http: { status } }) } },
  )
}
