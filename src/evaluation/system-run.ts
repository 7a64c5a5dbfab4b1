/** Has one system learn from one trial and answer for its cases. */
import { Work } from '../kernels/work.ts'
import type { FittedSystem, System } from './system.ts'
import type { Task, TestCase, Trial } from './trial.ts'

/** An evaluation that cannot be made, or a system that failed in it. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
}

interface Run {
  readonly system: System
  readonly trial: Trial
  readonly task: Task
  readonly seed: number
  /** How many products a list has at most: the greatest K. */
  readonly first: number
  /** Called before the fit with 0, and after every batch with the number of cases that it answered. */
  readonly onCases?: (answered: number) => void
  readonly signal?: AbortSignal
}

interface Answers {
  /** One for each case of the trial. */
  readonly lists: Uint32Array[]
  readonly fitSeconds: number
  readonly recommendSeconds: number
}

/** How many cases a system is asked at once: enough to share its work, few enough to bound its memory. */
const BATCH = 512

/**
 * @throws {EvaluationError} naming the system, when it fails or gives lists that it must not
 * @throws the signal's reason when it aborts
 */
export async function runSystem(run: Run): Promise<Answers> {
  const { system, trial, signal } = run
  try {
    return await fitAndAnswer(run)
  } catch (cause) {
    signal?.throwIfAborted()
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new EvaluationError(`System ${system.name} failed on trial ${trial.name}: ${problem}`, { cause })
  }
}

async function fitAndAnswer({ system, trial, task, seed, first, onCases, signal }: Run): Promise<Answers> {
  signal?.throwIfAborted()
  onCases?.(0)
  const work = new Work({ signal })
  const started = performance.now()
  const fitted = await system.fit(trial.train, seed, work)
  const fittedAt = performance.now()
  try {
    const lists: Uint32Array[] = []
    for (let from = 0; from < trial.cases.length; from += BATCH) {
      signal?.throwIfAborted()
      const cases = trial.cases.slice(from, from + BATCH)
      lists.push(...(await answer(fitted, cases, trial, task, first, work)))
      onCases?.(cases.length)
    }
    const ended = performance.now()
    return { lists, fitSeconds: (fittedAt - started) / 1000, recommendSeconds: (ended - fittedAt) / 1000 }
  } finally {
    fitted.close()
  }
}

async function answer(
  fitted: FittedSystem,
  cases: readonly TestCase[],
  trial: Trial,
  task: Task,
  first: number,
  work: Work,
): Promise<Uint32Array[]> {
  const lists = await fitted.recommend(cases, task, first, work)
  if (lists.length !== cases.length) {
    throw new RangeError(`it gave ${lists.length} lists for ${cases.length} cases; each has to have one`)
  }
  lists.forEach((list, i) => checkList(list, cases[i], trial.train.products.size, task, first))
  return lists
}

/** A list that breaks the rules would be measured as better, or worse, than it is. */
function checkList(
  list: Uint32Array,
  { customer, history }: TestCase,
  products: number,
  task: Task,
  first: number,
): void {
  const whose = `its list for customer ${customer}`
  if (list.length > first) {
    throw new RangeError(`${whose} has ${list.length} products; ${first} were asked for`)
  }
  const beyond = list.find((product) => product >= products)
  if (beyond !== undefined) {
    throw new RangeError(`${whose} has product ${beyond}; training has ${products} products, from 0`)
  }
  const twice = list.find((product, place) => list.indexOf(product) !== place)
  if (twice !== undefined) throw new RangeError(`${whose} has product ${twice} twice`)
  if (task !== 'discovery') return
  const bought = new Set(history.map(({ product }) => product))
  const again = list.find((product) => bought.has(product))
  if (again !== undefined) {
    throw new RangeError(`${whose} has product ${again}, bought before: discovery may not repeat purchases`)
  }
}
