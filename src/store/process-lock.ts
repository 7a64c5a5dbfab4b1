/** A lock that one process of all that use a store can hold, and that is gone when the process ends, however it ends. */
import { openDatabase } from './database.ts'

/** SQLITE_BUSY. */
const BUSY = 5

/**
 * Takes a lock, if nobody holds it: the write lock of an SQLite file of its own, which the system gives back.
 * @param file  the lock's file, which is created
 * @returns a function that gives it back; null: another holds it
 * @throws {Error} if the file cannot be created or written
 */
export function takeLock(file: string): (() => void) | null {
  try {
    const database = openDatabase(file, (opened) => opened.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE'))
    return () => database.close()
  } catch (cause) {
    if ((Number((cause as { errcode?: number }).errcode) & 0xff) === BUSY) return null
    throw cause
  }
}
