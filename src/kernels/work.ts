/**
 * Long computations on the one thread that all requests share. They are cut into slices: between two of them the
 * event loop serves other requests, and a computation whose client has left ends. However many computations are under
 * way, one slice is run in each turn
 * of the event loop, and those that wait take turns.
 */

/** How long the thread is held at a stretch before others get their turn, in ms. */
const SLICE = 5

/** The limits of a computation, and callbacks that report what it uses. */
export interface WorkOptions {
  /** Ends the work at its next pause, by throwing its reason. */
  readonly signal?: AbortSignal | undefined
  /** Called with the time spent, in ms of one core, as it is spent. */
  readonly onSpent?: ((milliseconds: number) => void) | undefined
  /**
   * How many lists are searched together at most. Fewer hold the thread for less long; more use threads of their own.
   * Default: as many as there is memory for.
   */
  readonly together?: number
}

/** When `processorTime` was asked last. */
let lastProcessorTime = 0

/** CPU time of this thread in ms; older versions of Node have only the clock. */
function processorTime(): number {
  if (process.threadCpuUsage === undefined) return performance.now()
  const { user, system } = process.threadCpuUsage()
  lastProcessorTime = (user + system) / 1000
  return lastProcessorTime
}

/** Pieces shorter than this, in ms, are timed by the clock: reading the processor's time takes about as long. */
const SHORT = 0.5

/** The processor time of a piece at most, in ms. @param clock  when it began */
function spentSince(clock: number): number {
  const elapsed = performance.now() - clock
  if (elapsed < SHORT) return elapsed
  // On a busy machine the clock also counts other programs; the thread's own time since the last reading is a bound.
  const before = lastProcessorTime
  return Math.min(elapsed, processorTime() - before)
}

/** Turns of the event loop in which anything was done. */
let turns = 0

/**
 * Since when this turn of the event loop has been worked on, by both clocks; undefined: nothing has been done in it.
 */
let held: { readonly clock: number; readonly processor: number } | undefined

/** Computations that wait for a turn, the longest wait first. */
const waiting = new Set<Work>()

function hold(): void {
  held = { clock: performance.now(), processor: processorTime() }
  setImmediate(nextTurn)
}

/** Whether the thread has been held for so long in this turn, from when it was first asked about. */
function isHeldFor(milliseconds: number): boolean {
  if (held === undefined) {
    hold()
    return false
  }
  // The clock is quick to ask; but it runs on while others use the machine.
  if (performance.now() - held.clock < milliseconds) return false
  return processorTime() - held.processor >= milliseconds
}

function nextTurn(): void {
  turns++
  held = undefined
  for (const work of waiting) {
    waiting.delete(work)
    if (!isWaiting(work)) continue
    hold()
    resumeNext(work)
    if (isWaiting(work)) waiting.add(work)
    return
  }
}

/** Whether anything of a computation waits, and a way to resume it. Set by the class, since both are private. */
let isWaiting: (work: Work) => boolean
let resumeNext: (work: Work) => void

/** A computation that waits for its turn. */
interface Waiting {
  readonly resume: () => void
  /** Whether it takes little: such are let go on together, until the slice is used up. */
  readonly isShort: boolean
}

/** One computation, or all those of one request. */
export class Work {
  readonly #signal: AbortSignal | undefined
  readonly #onSpent: ((milliseconds: number) => void) | undefined
  /** The option of the same name. */
  readonly together: number
  readonly #waiting: Waiting[] = []
  #isTimed = false

  static {
    isWaiting = (work) => work.#waiting.length > 0
    resumeNext = (work) => void work.#resumeNext()
  }

  constructor({ signal, onSpent, together = Infinity }: WorkOptions = {}) {
    this.together = together
    this.#signal = signal
    this.#onSpent = onSpent
  }

  /** Aborts the work, for code that checks it directly. */
  get signal(): AbortSignal | undefined {
    return this.#signal
  }

  /**
   * Asked for between two pieces of a long computation.
   * @returns nothing where the slice is not used up: so short work stays in one piece; else what has to be awaited
   * @throws {unknown} the signal's reason, at once or when the turn comes
   */
  pause(): Promise<void> | undefined {
    this.#signal?.throwIfAborted()
    return isHeldFor(SLICE) ? this.turn().then(() => this.#signal?.throwIfAborted()) : undefined
  }

  /**
   * Like `pause`, for work that takes little each time and may go on after the time is up: it never throws. Many that
   * wait go on
   * together, so that what they ask for can be asked for together.
   */
  turnIfDue(): Promise<void> | undefined {
    return isHeldFor(SLICE) ? this.#wait(true) : undefined
  }

  /** Lets others have their turn, however little was done. */
  turn(): Promise<void> {
    return this.#wait(false)
  }

  #wait(isShort: boolean): Promise<void> {
    if (held === undefined) hold()
    return new Promise((resume) => {
      this.#waiting.push({ resume, isShort })
      waiting.add(this)
    })
  }

  async #resumeNext(): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      next.resume()
      if (!next.isShort || this.#waiting[0]?.isShort !== true) return
      // By then what went on has done what it does at once: what it called `then` on has been called.
      for (let step = 0; step < 4; step++) await undefined
      if (isHeldFor(SLICE)) return
    }
  }

  /** Runs a piece of work at a stretch, and counts what it takes. */
  time<Result>(piece: () => Result): Result {
    if (this.#isTimed || this.#onSpent === undefined) return piece()
    this.#isTimed = true
    const clock = performance.now()
    try {
      return piece()
    } finally {
      this.#isTimed = false
      this.#onSpent(spentSince(clock))
    }
  }

  /** Waits for the kernels, and counts what that takes: they compute meanwhile, here or in threads of their own. */
  async searched<Result>(search: () => Promise<Result>): Promise<Result> {
    const turn = turns
    const clock = performance.now()
    try {
      return await search()
    } finally {
      // What came back in another turn was computed by other threads.
      this.#onSpent?.(turn === turns ? spentSince(clock) : performance.now() - clock)
    }
  }
}
