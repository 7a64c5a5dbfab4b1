/** How long tests wait. They wait for conditions: a limit is for what never happens, and grows with the load. */
import { availableParallelism, loadavg } from 'node:os'

/** Limits are for a machine with nothing else to do; this many times that where a core has this many tasks. */
const MOST = 10

/** A limit in milliseconds, times the tasks that wait for a core just now: at least itself, at most ten times that. */
export function patience(milliseconds: number): number {
  const tasks = loadavg()[0] / availableParallelism()
  return Math.round(milliseconds * Math.min(MOST, Math.max(1, tasks)))
}
