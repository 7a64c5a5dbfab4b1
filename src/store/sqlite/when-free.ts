import { setTimeout as sleep } from 'node:timers/promises'

/** How long a write waits for another process that is writing, and between two attempts; in ms. */
const PATIENCE = 5000
const PAUSE = 5

/** SQLITE_BUSY. */
const BUSY = 5

/**
 * Does something that writes to a store, and tries again while another process is writing; meanwhile this thread does
 * other things.
 * @param work  throws SQLite's error at once if the store is busy
 * @throws what `work` throws, if that is another error or the store is busy for 5 s
 */
export async function whenFree<Result>(work: () => Result): Promise<Result> {
  const end = performance.now() + PATIENCE
  for (;;) {
    try {
      return work()
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > end) throw cause
    }
    await sleep(PAUSE)
  }
}

/** Whether an error of SQLite is that another process is writing. */
export function isBusy(cause: unknown): boolean {
  return (Number((cause as { errcode?: number }).errcode) & 0xff) === BUSY
}
