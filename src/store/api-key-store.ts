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
import { DatabaseFile } from './database.ts'
import { KeyUses } from './key-uses.ts'
import { StoreClock } from './store-clock.ts'
import { KEY_SCOPES, type KeyScope } from './scope.ts'

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
 * API keys in an SQLite file that other stores and processes may use as well: a change by one process applies at once in
 * all. The file is created with the first key.
 */
export class ApiKeyStore {
  readonly #database: DatabaseFile
  readonly #clock: StoreClock
  readonly #uses: KeyUses

  /** @param file  or IN_MEMORY */
  constructor(file: string) {
    this.#database = new DatabaseFile(file)
    this.#clock = new StoreClock(this.#database)
    this.#uses = new KeyUses(this.#database, this.#clock)
  }

  /** Whether the file is read-only; false if there is no file yet. */
  get isReadOnly(): boolean {
    return this.#database.isReadOnly
  }

  /** The file of the keys, or IN_MEMORY. */
  get file(): string {
    return this.#database.file
  }

  /**
   * Creates a key. A key of scope `sign` is a private JSON Web Key for signing customer tokens; only its public half is
   * stored.
   * @param lifetime  in ms; null: no end
   * @param by  who creates it, for the audit log
   * @throws {ApiKeyError} for scope `sign` together with others: a key used in requests is sent over the network, and
   * a signing key must stay secret
   * @throws {Error} if it cannot be written
   */
  create(name: string, scopes: readonly KeyScope[], lifetime: number | null, by = PROGRAM): NewApiKey {
    const signs = scopes.includes('sign')
    if (signs && scopes.length > 1) {
      throw new ApiKeyError(
        'A key with scope sign only signs customer tokens: create it without other scopes.',
      )
    }
    const { id, key, publicKey } = signs ? randomSigningKey() : { ...randomKey(), publicKey: null }
    const hash = signs ? NO_HASH : hashOfKey(key)
    const created = this.#clock.now()
    const expires = lifetime === null ? null : created + lifetime
    this.#database.atOnce(() => {
      this.#database
        .toWrite('INSERT INTO api_keys (id, name, scopes, hash, created, expires) VALUES (?, ?, ?, ?, ?, ?)')
        .run(id, name, scopes.join(), hash, created, expires)
      if (publicKey !== null) {
        this.#database.toWrite('INSERT INTO signing_keys (id, public_key) VALUES (?, ?)').run(id, publicKey)
      }
      this.#record(by, 'create', `${id} "${name}" of ${scopes.join()}`)
    })
    return { ...this.find(id)!, key }
  }

  /** The time that expiry is checked by, in ms since 1970: it does not go back when the machine's clock does. */
  now(): number {
    return this.#clock.now()
  }

  /** All keys, oldest first, including expired and revoked ones. */
  list(): ApiKey[] {
    const rows = this.#database.toRead('SELECT * FROM api_keys ORDER BY created, id')?.all() ?? []
    return rows.map(fromRow)
  }

  /** The key of an id, also if it is expired or revoked. */
  find(id: string): ApiKey | undefined {
    const row = this.#row(id)
    return row && fromRow(row)
  }

  /**
   * Revokes keys, all of them or none; keys that are revoked already keep the time of that.
   * @param by  who revokes them, for the audit log
   * @throws {ApiKeyError} with every unknown id
   */
  revoke(ids: readonly string[], by = PROGRAM): void {
    this.#database.atOnce(() => {
      const unknown = ids.filter((id) => this.#row(id) === undefined)
      if (unknown.length > 0) throw noSuchKey(unknown)
      const revoke = this.#database.toWrite(
        'UPDATE api_keys SET revoked = ? WHERE revoked IS NULL AND id = ?',
      )
      for (const id of ids) if (revoke.run(this.#clock.now(), id).changes > 0) this.#record(by, 'revoke', id)
    })
  }

  /**
   * Creates a key of the same name, scopes and lifetime; the old one stays valid for `overlap`, in ms.
   * @param by  who replaces it, for the audit log
   * @throws {ApiKeyError} if the key is unknown, expired, revoked or already replaced
   */
  rotate(id: string, overlap: number, by = PROGRAM): NewApiKey {
    return this.#database.atOnce(() => {
      const old = this.find(id)
      if (old === undefined) throw noSuchKey([id])
      this.#expectReplaceable(old)
      const lifetime = old.expires && old.expires.getTime() - old.created.getTime()
      const fresh = this.create(old.name, old.scopes, lifetime, by)
      const end = fresh.created.getTime() + overlap
      this.#database
        .toWrite('UPDATE api_keys SET replaced_by = ?, expires = min(?, coalesce(expires, ?)) WHERE id = ?')
        .run(fresh.id, end, end, id)
      this.#record(by, 'rotate', `${id}, replaced by ${fresh.id}`)
      return fresh
    })
  }

  /**
   * Checks a key, and records that it was used.
   * @param key  as the caller sent it
   * @throws {ApiKeyError} if it is not valid, and why
   */
  check(key: string): ApiKey {
    const id = idOfKey(key)
    if (id === undefined) throw new ApiKeyError('The API key is mistyped or cut off: copy it again.')
    const row = this.#row(id)
    if (row === undefined || !timingSafeEqual(row['hash'] as Uint8Array, hashOfKey(key))) {
      throw new ApiKeyError('The API key is not known here: was it created for another store?')
    }
    const found = fromRow(row)
    this.#expectValid(found)
    this.#uses.note(id)
    return found
  }

  /**
   * The public key that customer tokens are checked with at this moment; records that it was used.
   * @param id  the key id in the token
   * @throws {ApiKeyError} if the key is unknown or no longer valid, and why
   */
  verificationKey(id: string): VerificationKey {
    const found = isKeyId(id) ? this.find(id) : undefined
    const row = this.#database.toRead('SELECT public_key FROM signing_keys WHERE id = ?')?.get(id)
    if (found === undefined || row === undefined) {
      throw new ApiKeyError('The key that signed it is not known here: was it created for another store?')
    }
    this.#expectValid(found)
    this.#uses.note(id)
    return { kty: 'OKP', crv: 'Ed25519', x: String(row['public_key']) }
  }

  /** Closes the file. */
  close(): void {
    this.#uses.close()
    this.#database.close()
  }

  #record(actor: string, action: string, subject: string): void {
    const time = this.#clock.now()
    this.#clock.keep(time)
    record(this.#database, time, { kind: 'keys', actor, action, subject })
  }

  #expectValid({ id, revoked, expires }: ApiKey): void {
    if (revoked !== null) {
      throw new ApiKeyError(`The API key ${id} was revoked on ${minute(revoked)}: ask for a new one.`)
    }
    if (expires !== null && expires.getTime() <= this.#clock.now()) {
      this.#uses.noteTime()
      throw new ApiKeyError(`The API key ${id} expired on ${minute(expires)}: ask for a new one.`)
    }
  }

  #expectReplaceable(key: ApiKey): void {
    if (key.replacedBy !== null) {
      throw new ApiKeyError(
        `The API key ${key.id} has been replaced already, by ${key.replacedBy}: rotate that one.`,
      )
    }
    this.#expectValid(key)
  }

  #row(id: string): Record<string, unknown> | undefined {
    return this.#database.toRead('SELECT * FROM api_keys WHERE id = ?')?.get(id)
  }
}

function noSuchKey(ids: readonly string[]): ApiKeyError {
  return new ApiKeyError(`There is no API key ${ids.map((id) => `"${id}"`).join(', ')}.`)
}

function fromRow(row: Record<string, unknown>): ApiKey {
  return {
    id: String(row['id']),
    name: String(row['name']),
    scopes: KEY_SCOPES.filter((scope) => String(row['scopes']).split(',').includes(scope)),
    created: new Date(Number(row['created'])),
    lastUsed: dateOrNull(row['last_used']),
    expires: dateOrNull(row['expires']),
    revoked: dateOrNull(row['revoked']),
    replacedBy: row['replaced_by'] === null ? null : String(row['replaced_by']),
  }
}

function dateOrNull(time: unknown): Date | null {
  return time === null ? null : new Date(Number(time))
}
