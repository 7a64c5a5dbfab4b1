import { minute } from '../store/api-key.ts'
import type { ApiKey } from '../store/api-key-store.ts'
import { table } from './result.ts'

/** What is known of keys, a line each. */
export function keyTable(keys: readonly ApiKey[]): string {
  if (keys.length === 0) return 'No keys: `rationale keys create` makes one.'
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scopes.join(),
    minute(key.created),
    orNever(key.lastUsed),
    orNever(key.expires),
    state(key),
  ])
  return table('lllllll', [['id', 'name', 'scopes', 'created', 'last used', 'expires', 'state'], ...rows])
}

/** What a key is, in a sentence. */
export function keyWords({ id, name, scopes, expires }: ApiKey): string {
  const end = expires === null ? 'does not expire' : `expires ${minute(expires)}`
  return `API key ${id}, "${name}": allows ${scopes.join(', ')}; ${end}.`
}

function state({ revoked, expires, replacedBy }: ApiKey): string {
  if (revoked !== null) return `revoked ${minute(revoked)}`
  if (expires !== null && expires.getTime() <= Date.now()) return 'expired'
  return replacedBy === null ? 'good' : `good, replaced by ${replacedBy}`
}

/** 2026-11-23 06:51 UTC */
const orNever = (time: Date | null) => (time === null ? 'never' : minute(time))
