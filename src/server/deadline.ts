import { GraphQLError } from 'graphql'

/** The last tenth of the time, at most half a second, is for sending what is ready. */
const LAST_PART = { share: 0.1, seconds: 0.5 }

/**
 * The time that a request may take. It ends in two steps. First `signal` aborts, which resolvers receive: those that can
 * answer without more work do so (an explanation falls back to the template). Soon after, `over` aborts and the rest is
 * given up. Both abort when the client disconnects.
 */
export class Deadline {
  readonly #work = new AbortController()
  readonly #over = new AbortController()
  readonly #ended: (deadline: Deadline) => void
  #timer: NodeJS.Timeout | undefined
  /** When the server stops, and when this deadline ends, in the time of performance.now(). */
  #stop = Infinity
  #end = 0

  /**
   * @param client  aborts when the client disconnects
   * @param ended  called when the time is up or the request has ended
   */
  constructor(client: AbortSignal, seconds: number, ended: (deadline: Deadline) => void = () => {}) {
    this.#ended = ended
    this.allow(seconds)
    const disconnected = () => this.#giveUp(new DOMException('The client has disconnected.', 'AbortError'))
    client.addEventListener('abort', disconnected, { once: true })
    if (client.aborted) disconnected()
  }

  /** Aborts when little time is left. */
  get signal(): AbortSignal {
    return this.#work.signal
  }

  /** Aborts when no time is left. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Sets a new end, some seconds from now. */
  allow(seconds: number): void {
    const left = Math.max(0, (this.#stop - performance.now()) / 1000)
    if (left < seconds) this.#endIn(left, stopping)
    else this.#endIn(seconds, (status) => timeout(seconds, status))
  }

  /** Sets the latest end, which `allow` cannot extend: the server stops. */
  stopIn(seconds: number): void {
    this.#stop = performance.now() + 1000 * seconds
    if (this.#stop < this.#end) this.#endIn(seconds, stopping)
  }

  #endIn(seconds: number, reason: (status?: number) => GraphQLError): void {
    const last = Math.min(LAST_PART.share * seconds, LAST_PART.seconds)
    this.#end = performance.now() + 1000 * seconds
    this.#after(seconds - last, () => {
      this.#work.abort(reason())
      this.#after(last, () => this.#giveUp(reason(503)))
    })
  }

  /** Ends it now. @param reason  the error that is answered */
  end(reason: unknown): void {
    this.#giveUp(reason)
  }

  /** The request has been answered. */
  met(): void {
    clearTimeout(this.#timer)
    this.#ended(this)
  }

  #after(seconds: number, act: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, 1000 * seconds).unref()
  }

  #giveUp(reason: unknown): void {
    clearTimeout(this.#timer)
    this.#work.abort(reason)
    this.#over.abort(reason)
    this.#ended(this)
  }
}

/** The deadlines of all running requests. */
export class Deadlines {
  readonly #running = new Set<Deadline>()
  #stop = Infinity

  /** Starts a deadline. */
  start(client: AbortSignal, seconds: number): Deadline {
    const deadline = new Deadline(client, seconds, (ended) => this.#running.delete(ended))
    if (this.#stop < Infinity) deadline.stopIn(Math.max(0, (this.#stop - performance.now()) / 1000))
    if (!deadline.over.aborted) this.#running.add(deadline)
    return deadline
  }

  /** Ends all within some seconds, including parts and subscriptions: their last part holds the error. */
  stopIn(seconds: number): void {
    this.#stop = performance.now() + 1000 * seconds
    for (const deadline of this.#running) deadline.stopIn(seconds)
  }
}

/** Settles like `promise`, or throws the reason of `signal` if it aborts first. */
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

function stopping(status?: number): GraphQLError {
  return new GraphQLError('The server is stopping: send the request again, to the server that replaces it.', {
    extensions: { code: 'SERVER_STOPPING', ...(status && { http: { status } }) },
  })
}

/** @param status  the HTTP status, if the error is the whole answer */
function timeout(seconds: number, status?: number): GraphQLError {
  return new GraphQLError(
    `This took longer than the ${seconds} s that a request may take: ask for less at once, or for slow fields ` +
      '(explanations) in a fragment with @defer.',
    { extensions: { code: 'TIMEOUT', ...(status && { http: { status } }) } },
  )
}
