/** The one door to what must survive a restart, whichever engine keeps it. */
import { ApiKeyStore } from './api-key-store.ts'
import { type AuditEntry, auditEntries } from './audit-log.ts'
import type { AvailabilityRegister } from './availability.ts'
import { openAvailability } from './availability-store.ts'
import type { CatalogueStore } from './catalogue.ts'
import { openCatalogue } from './catalogue-store.ts'
import type { Database } from './database.ts'
import type { EventStore } from './event-store.ts'
import { ExplanationStore, type Log } from './explanation-store.ts'
import { type ModelRegistry, openModelRegistry } from './model-registry.ts'
import { openDatabase } from './open-database.ts'
import { openEvents } from './open-events.ts'
import { orStoreError } from './store-error.ts'

/** The parts of a store, which share its connections. */
export interface Store {
  /** For messages: the file, or the address without a password. */
  readonly name: string
  readonly database: Database
  readonly events: EventStore
  readonly catalogue: CatalogueStore
  readonly models: ModelRegistry
  readonly keys: ApiKeyStore
  /** Reads the availability of products, and follows it until the store is closed. @throws {Error} if it cannot be read */
  openAvailability(): Promise<AvailabilityRegister>
  /** Explanations that were paid for, and what was spent on them. */
  openExplanations(log: Log): ExplanationStore
  /** The latest entries of the audit log, the latest first. @throws {StoreError} */
  audit(last: number): Promise<AuditEntry[]>
  /** Whether nothing can be written. @throws {StoreError} if it cannot be read */
  isReadOnly(): Promise<boolean>
  /** A text that differs whenever anybody has written to the store. @throws {StoreError} if it cannot be read */
  version(): Promise<string>
  /** Ends what was begun, and closes the store. */
  close(): Promise<void>
}

/**
 * Opens a store; its database is opened at the first use.
 * @param store  an SQLite file, IN_MEMORY, or the URL of a PostgreSQL database
 * @throws {Error} if it is a URL that cannot be read
 */
export function openStore(store: string): Store {
  const database = openDatabase(store)
  const events = openEvents(database)
  const keys = new ApiKeyStore(database)
  const opened: { close(): Promise<void> }[] = [events, keys]
  const read = <Result>(query: () => Promise<Result>) =>
    orStoreError(query, `${database.name} cannot be read`)
  return {
    name: database.name,
    database,
    events,
    catalogue: openCatalogue(database),
    models: openModelRegistry(database),
    keys,
    async openAvailability() {
      const availability = await openAvailability(database)
      opened.push(availability)
      return availability
    },
    openExplanations: (log) => new ExplanationStore(database, log),
    audit: (last) => auditEntries(database, last),
    isReadOnly: () => read(() => database.isReadOnly()),
    version: () => read(() => database.version()),
    async close() {
      for (const part of opened.toReversed()) await part.close()
      await database.close()
    },
  }
}
