import { openDatabase } from './open-database.ts'

/**
 * Takes the lock that whoever changes the models of a store holds, if nobody does. It is gone when the process ends,
 * however it ends.
 * @param store  where it is
 * @returns a function that gives it back; null: another holds it
 * @throws {Error} if the lock cannot be taken for another reason
 */
export async function takeRetrainingLock(store: string): Promise<(() => Promise<void>) | null> {
  const database = openDatabase(store)
  try {
    return await database.lock('retraining')
  } finally {
    await database.close()
  }
}
