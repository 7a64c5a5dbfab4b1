import { timingSafeEqual } from 'node:crypto'
import {
  hashOfKey,
  idOfKey,
  isKeyId,
  minute,
  randomKey,
  randomSigningKey,
  type VerificationKey,
} from './api-key.ts'
import { PROGRAM, record } from './audit-log.ts'
import type { Database, Queries } from './database.ts'
import { KeyUses } from './key-uses.ts'
import { type Part, partOf } from './open-database.ts'
import { KEY_SCOPES, type KeyScope } from './scope.ts'
import { StoreClock } from './store-clock.ts'
import { orStoreError } from './store-error.ts'
import type { Tables } from './tables.ts'

/** The stored facts about a key; the key itself is not stored. */
export interface ApiKey {
  readonly id: string
  /** Its name: what it is for. */
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly created: Date
  /** When it was last used, to the minute; null: never. */
  readonly lastUsed: Date | null
  /** When it expires; null: never. */
  readonly expires: Date | null
  readonly revoked: Date | null
  /** The id of the key that was made to take its place. */
  readonly replacedBy: string | null
}

/** A new key: only now the key itself is known. */
export type NewApiKey = ApiKey & { readonly key: string }

/** An invalid key, or a change that cannot be made. The message says what to do. */
export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError'
}

/** The hash stored for a signing key, which is never sent in a request: no key has this hash. */
const NO_HASH = Buffer.alloc(32)

/**
 * The API keys of a store, which other parts and processes may use as well: a change by one process applies at once in all,
 * because each check reads the store. An SQLite file is created with the first key.
 *
 * All methods throw StoreError if the store cannot be read or written; a write has then changed nothing.
 */
export class ApiKeyStore {
  readonly #part: Part
  readonly #clock = new StoreClock()
  readonly #uses: KeyUses

  /** @param store  where it is, or a database that others share */
  constructor(store: string | Database) {
    this.#part = partOf(store)
    this.#uses = new KeyUses(this.#part.database, this.#clock)
  }

  /**
   * Creates a key. A key of scope `sign` is a private JSON Web Key for signing customer tokens; only its public half is
   * stored.
   * @param lifetime  in ms; null: no end
   * @param by  who creates it, for the audit log
   * @throws {ApiKeyError} for scope `sign` together with others: a key used in requests is sent over the network, and
   * a signing key must stay secret
   */
  create(
    name: string,
    scopes: readonly KeyScope[],
    lifetime: number | null,
    by = PROGRAM,
  ): Promise<NewApiKey> {
    return this.#write((queries) => this.#create(queries, name, scopes, lifetime, by))
  }

  /** The time that expiry is checked by, in ms since 1970: it does not go back when the machine's clock does. */
  now(): Promise<number> {
    return this.#read((queries) => this.#clock.now(queries))
  }

  /** All keys, oldest first, including expired and revoked ones. */
  async list(): Promise<ApiKey[]> {
    const rows = await this.#read((queries) =>
      queries.selectFrom('api_keys').selectAll().orderBy('created').orderBy('id').execute(),
    )
    return rows.map(fromRow)
  }

  /** The key of an id, also if it is expired or revoked. */
  find(id: string): Promise<ApiKey | undefined> {
    return this.#read((queries) => keyOf(queries, id))
  }

  /**
   * Revokes keys, all of them or none; keys that are revoked already keep the time of that.
   * @param by  who revokes them, for the audit log
   * @throws {ApiKeyError} with every unknown id
   */
  revoke(ids: readonly string[], by = PROGRAM): Promise<void> {
    return this.#write(async (queries) => {
      const unknown: string[] = []
      for (const id of ids) if ((await keyOf(queries, id)) === undefined) unknown.push(id)
      if (unknown.length > 0) throw noSuchKey(unknown)
      for (const id of ids) {
        const { numUpdatedRows } = await queries
          .updateTable('api_keys')
          .set({ revoked: await this.#clock.now(queries) })
          .where('id', '=', id)
          .where('revoked', 'is', null)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows > 0n) await this.#record(queries, by, 'revoke', id)
      }
    })
  }

  /**
   * Creates a key of the same name, scopes and lifetime; the old one stays valid for `overlap`, in ms.
   * @param by  who replaces it, for the audit log
   * @throws {ApiKeyError} if the key is unknown, expired, revoked or already replaced
   */
  rotate(id: string, overlap: number, by = PROGRAM): Promise<NewApiKey> {
    return this.#write(async (queries) => {
      const old = await keyOf(queries, id)
      if (old === undefined) throw noSuchKey([id])
      this.#expectReplaceable(old, await this.#clock.now(queries))
      const lifetime = old.expires && old.expires.getTime() - old.created.getTime()
      const fresh = await this.#create(queries, old.name, old.scopes, lifetime, by)
      const expires = Math.min(fresh.created.getTime() + overlap, old.expires?.getTime() ?? Infinity)
      await queries
        .updateTable('api_keys')
        .set({ replaced_by: fresh.id, expires })
        .where('id', '=', id)
        .execute()
      await this.#record(queries, by, 'rotate', `${id}, replaced by ${fresh.id}`)
      return fresh
    })
  }

  /**
   * Checks a key, and records that it was used.
   * @param key  as the caller sent it
   * @throws {ApiKeyError} if it is not valid, and why
   */
  async check(key: string): Promise<ApiKey> {
    const id = idOfKey(key)
    if (id === undefined) throw new ApiKeyError('The API key is mistyped or cut off: copy it again.')
    const row = await this.#read((queries) =>
      queries
        .selectFrom('api_keys')
        .selectAll()
        .select((select) => select.selectFrom('clock').select('latest').as('clock'))
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (row === undefined || !timingSafeEqual(row.hash, hashOfKey(key))) {
      throw new ApiKeyError('The API key is not known here: was it created for another store?')
    }
    const found = fromRow(row)
    this.#expectValid(found, this.#clock.notBefore(row.clock ?? 0))
    this.#uses.note(id)
    return found
  }

  /**
   * The public key that customer tokens are checked with at this moment; records that it was used.
   * @param id  the key id in the token
   * @throws {ApiKeyError} if the key is unknown or no longer valid, and why
   */
  async verificationKey(id: string): Promise<VerificationKey> {
    const row = isKeyId(id)
      ? await this.#read((queries) =>
          queries
            .selectFrom('api_keys')
            .innerJoin('signing_keys', 'signing_keys.id', 'api_keys.id')
            .selectAll('api_keys')
            .select('public_key')
            .select((select) => select.selectFrom('clock').select('latest').as('clock'))
            .where('api_keys.id', '=', id)
            .executeTakeFirst(),
        )
      : undefined
    if (row === undefined) {
      throw new ApiKeyError('The key that signed it is not known here: was it created for another store?')
    }
    this.#expectValid(fromRow(row), this.#clock.notBefore(row.clock ?? 0))
    this.#uses.note(id)
    return { kty: 'OKP', crv: 'Ed25519', x: row.public_key }
  }

  /** Closes the store. */
  async close(): Promise<void> {
    await this.#uses.close()
    await this.#part.close()
  }

  /** Within a transaction. */
  async #create(
    queries: Queries,
    name: string,
    scopes: readonly KeyScope[],
    lifetime: number | null,
    by: string,
  ): Promise<NewApiKey> {
    const signs = scopes.includes('sign')
    if (signs && scopes.length > 1) {
      throw new ApiKeyError(
        'A key with scope sign only signs customer tokens: create it without other scopes.',
      )
    }
    const { id, key, publicKey } = signs ? randomSigningKey() : { ...randomKey(), publicKey: null }
    const created = await this.#clock.now(queries)
    const row = {
      id,
      name,
      scopes: scopes.join(),
      hash: signs ? NO_HASH : hashOfKey(key),
      created,
      last_used: null,
      expires: lifetime === null ? null : created + lifetime,
      revoked: null,
      replaced_by: null,
    }
    await queries.insertInto('api_keys').values(row).execute()
    if (publicKey !== null)
      await queries.insertInto('signing_keys').values({ id, public_key: publicKey }).execute()
    await this.#record(queries, by, 'create', `${id} "${name}" of ${row.scopes}`)
    return { ...fromRow(row), key }
  }

  async #record(queries: Queries, actor: string, action: string, subject: string): Promise<void> {
    const time = await this.#clock.now(queries)
    await this.#clock.keep(queries, time)
    await record(queries, time, { kind: 'keys', actor, action, subject })
  }

  #read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    const { database } = this.#part
    return orStoreError(() => database.read(query), `The API keys in ${database.name} cannot be read`)
  }

  #write<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    const { database } = this.#part
    return orStoreError(
      () => database.write('KEYS', work),
      `The API keys were not changed: ${database.name} cannot be written`,
      ApiKeyError,
    )
  }

  #expectValid({ id, revoked, expires }: ApiKey, now: number): void {
    if (revoked !== null) {
      throw new ApiKeyError(`The API key ${id} was revoked on ${minute(revoked)}: ask for a new one.`)
    }
    if (expires !== null && expires.getTime() <= now) {
      this.#uses.noteTime()
      throw new ApiKeyError(`The API key ${id} expired on ${minute(expires)}: ask for a new one.`)
    }
  }

  #expectReplaceable(key: ApiKey, now: number): void {
    if (key.replacedBy !== null) {
      throw new ApiKeyError(
        `The API key ${key.id} has been replaced already, by ${key.replacedBy}: rotate that one.`,
      )
    }
    this.#expectValid(key, now)
  }
}

async function keyOf(queries: Queries, id: string): Promise<ApiKey | undefined> {
  const row = await queries.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

function noSuchKey(ids: readonly string[]): ApiKeyError {
  return new ApiKeyError(`There is no API key ${ids.map((id) => `"${id}"`).join(', ')}.`)
}

function fromRow(row: Tables['api_keys']): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: KEY_SCOPES.filter((scope) => row.scopes.split(',').includes(scope)),
    created: new Date(row.created),
    lastUsed: dateOrNull(row.last_used),
    expires: dateOrNull(row.expires),
    revoked: dateOrNull(row.revoked),
    replacedBy: row.replaced_by,
  }
}

function dateOrNull(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}
