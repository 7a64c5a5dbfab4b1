import { GraphQLError } from 'graphql'

/** The last tenth of the time, at most half a second, is left to send what there is. */
const LAST_PART = { share: 0.1, seconds: 0.5 }

/**
 * The time that a request may take. It ends in two steps. First `signal` aborts, which resolvers are given: those that
 * can answer without more work do (an explanation falls back to the template). Soon after, `over` aborts and the rest
 * is given up. Both abort when the client has gone.
 */
export class Deadline {
  readonly #work = new AbortController()
  readonly #over = new AbortController()
  readonly #ended: (deadline: Deadline) => void
  #timer: NodeJS.Timeout | undefined
  /** When the server stops, and when this ends, by performance.now(). */
  #stop = Infinity
  #end = 0

  /**
   * @param client  aborts when the client has gone
   * @param ended  called when the time is up or the request has ended
   */
  constructor(client: AbortSignal, seconds: number, ended: (deadline: Deadline) => void = () => {}) {
    this.#ended = ended
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

  /** Ends so many seconds from now, in place of the earlier end. */
  allow(seconds: number): void {
    const left = Math.max(0, (this.#stop - performance.now()) / 1000)
    if (left < seconds) this.#endIn(left, stopping)
    else this.#endIn(seconds, (status) => timeout(seconds, status))
  }

  /** Ends so many seconds from now at the latest, whatever is allowed from then on: the server stops. */
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

  /** Ends at once, whatever time is left. @param reason  what is answered */
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

/** The deadlines of all requests under way. */
export class Deadlines {
  readonly #running = new Set<Deadline>()
  #stop = Infinity

  /** See `Deadline`. */
  start(client: AbortSignal, seconds: number): Deadline {
    const deadline = new Deadline(client, seconds, (ended) => this.#running.delete(ended))
    if (this.#stop < Infinity) deadline.stopIn(Math.max(0, (this.#stop - performance.now()) / 1000))
    if (!deadline.over.aborted) this.#running.add(deadline)
    return deadline
  }

  /** Has all end in so many seconds, parts and subscriptions as well: with a last part that says so. */
  stopIn(seconds: number): void {
    this.#stop = performance.now() + 1000 * seconds
    for (const deadline of this.#running) deadline.stopIn(seconds)
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

function stopping(status?: number): GraphQLError {
  return new GraphQLError('The server is stopping: send the request again, to the server that replaces it.', {
    extensions: { code: 'SERVER_STOPPING', ...(status && { http: { status } }) },
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
