/** A lock that one process of all that use a store can hold, and that is gone when the process ends, however it ends. */
import { openDatabase } from './database.ts'

/** SQLITE_BUSY. */
const BUSY = 5

/**
 * Takes the lock that whoever changes the models of a store holds, if nobody does: the write lock of an SQLite file of its
 * own, which the system gives back.
 * @param store  the store's file
 * @returns a function that gives it back; null: another holds it
 * @throws {Error} if the lock's file cannot be created or written
 */
export function takeRetrainingLock(store: string): (() => void) | null {
  try {
    const database = openDatabase(`${store}.retraining`, (opened) =>
      opened.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE'),
    )
    return () => database.close()
  } catch (cause) {
    if (isBusy(cause)) return null
    throw cause
  }
}

/** Whether another process held the lock of a database for too long. */
export function isBusy(cause: unknown): boolean {
  return (Number((cause as { errcode?: number }).errcode) & 0xff) === BUSY
}
