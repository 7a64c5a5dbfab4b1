import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { expectWritable } from '../files/output-file.ts'
import { isPostgres, storeName } from '../store/open-database.ts'
import { type ApiKey, ApiKeyStore, type NewApiKey } from '../store/api-key-store.ts'
import { minute } from '../store/api-key.ts'
import { KEY_SCOPES, type KeyScope } from '../store/scope.ts'
import { commandLineActor } from './command-line-actor.ts'
import { say } from './progress.ts'
import { jsonOption } from './options.ts'
import { printResult, table } from './result.ts'
import { existingStore, requiredStore, storeOption as optionOfStore, usingStore } from './store.ts'

interface KeysOptions {
  store?: string
  json?: boolean
}

const EXAMPLE = `
Example:
  rationale keys create --store shop.sqlite --name "web shop" --scope read`

const CREATE_EXAMPLES = `
Scopes: catalog allows queries about products; read also allows queries about every customer; write allows changes to
the availability of products; admin allows what read does, and listing all customers. A key with scope sign allows no
queries: the shop's server signs customer tokens with it, each for one customer (docs/security.md). It is printed as a
JSON Web Key. A running server accepts a new key from the next request.

Examples:
  rationale keys create --store shop.sqlite --name "web shop" --scope read
  rationale keys create --store shop.sqlite --name "stock feed" --scope write --expires 90d
  rationale keys create --store shop.sqlite --name "sign-in" --scope sign
  KEY=$(rationale keys create --store shop.sqlite --name "back office" --scope read,admin)`

const LIST_EXAMPLE = `
Example:
  rationale keys list --store shop.sqlite`

const REVOKE_EXAMPLE = `
Example:
  rationale keys revoke 4f1c09ab --store shop.sqlite`

const ROTATE_EXAMPLE = `
Example:
  rationale keys rotate 4f1c09ab --store shop.sqlite --overlap 2h`

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list, revoke and rotate the API keys of a server')
    .addHelpText('after', EXAMPLE)
  addCreate(keys)
  addList(keys)
  addRevoke(keys)
  addRotate(keys)
}

function addCreate(keys: Command): void {
  keys
    .command('create')
    .description('create an API key and print it; it is shown only once, because only its hash is stored')
    .requiredOption('--name <text>', 'what it is for', keyName)
    .addOption(
      new Option('--scope <scopes>', `what the key allows, separated by commas: ${KEY_SCOPES.join(', ')}`)
        .argParser(parseScopes)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--expires <time>', 'lifetime, such as 90d (default: no end)').argParser(duration))
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (options: KeysOptions & { name: string; scope: KeyScope[]; expires?: number }) => {
      const named = requiredStore(options)
      if (!isPostgres(named)) expectWritable(named)
      const made = await withKeys(named, (store) =>
        store.create(options.name, options.scope, options.expires ?? null, commandLineActor()),
      )
      printKey(made, options)
    })
}

function addList(keys: Command): void {
  keys
    .command('list')
    .description('list the API keys of a store, without the keys themselves, which are not stored')
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText('after', LIST_EXAMPLE)
    .action(async (options: KeysOptions) => {
      const { found, now } = await withKeys(existing(options), async (store) => ({
        found: await store.list(),
        now: await store.now(),
      }))
      printResult({ keys: found }, options, () => keyTable(found, now))
    })
}

function addRevoke(keys: Command): void {
  keys
    .command('revoke')
    .description('revoke API keys; a running server refuses them from the next request')
    .argument('<ids...>', 'ids of the keys, as `keys list` shows them')
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText('after', REVOKE_EXAMPLE)
    .action(async (ids: string[], options: KeysOptions) => {
      await withKeys(existing(options), (store) => store.revoke(ids, commandLineActor()))
      printResult({ revoked: ids }, options, () => `Revoked: ${ids.join(', ')}`)
    })
}

function addRotate(keys: Command): void {
  keys
    .command('rotate')
    .description(
      'create a key with the same name, scopes and lifetime, print it once, and let the old one expire',
    )
    .argument('<id>', 'id of the old key, as `keys list` shows it')
    .addOption(
      new Option('--overlap <time>', 'how long the old key stays valid')
        .argParser(duration)
        .default(duration('24h'), '24h'),
    )
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText('after', ROTATE_EXAMPLE)
    .action(async (id: string, options: KeysOptions & { overlap: number }) => {
      const made = await withKeys(existing(options), (store) =>
        store.rotate(id, options.overlap, commandLineActor()),
      )
      printKey(made, options)
    })
}

/** Prints the key on stdout, so that a script can read it, and everything else on stderr. */
function printKey(made: NewApiKey, options: KeysOptions): void {
  if (!options.json) say(`${keyWords(made)}\nIt is shown only this once:`)
  printResult(made, options, ({ key }) => key)
}

const storeOption = () => optionOfStore('where the keys are kept')

const existing = (options: KeysOptions) => existingStore(options, 'rationale keys create')

async function withKeys<Result>(
  store: string,
  work: (keys: ApiKeyStore) => Promise<Result>,
): Promise<Result> {
  const keys = new ApiKeyStore(store)
  try {
    return await usingStore(storeName(store), () => work(keys))
  } finally {
    await keys.close()
  }
}

function parseScopes(text: string): KeyScope[] {
  const named = text.split(',').map((scope) => scope.trim())
  const unknown = named.filter((scope) => !KEY_SCOPES.includes(scope as KeyScope))
  if (unknown.length === 0) return KEY_SCOPES.filter((scope) => named.includes(scope))
  const list = unknown.map((scope) => `"${scope}"`).join(', ')
  throw new InvalidArgumentError(`Unknown scope ${list}: the scopes are ${KEY_SCOPES.join(', ')}.`)
}

function keyName(text: string): string {
  if (/^[^\p{C}]{1,100}$/u.test(text.trim())) return text.trim()
  throw new InvalidArgumentError('It has to be a name of 1 to 100 characters, on one line.')
}

/** A table of keys, one line each. */
export function keyTable(keys: readonly ApiKey[], now: number): string {
  if (keys.length === 0) return 'No keys yet: `rationale keys create` creates one.'
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scopes.join(),
    minute(key.created),
    orNever(key.lastUsed),
    orNever(key.expires),
    state(key, now),
  ])
  return table('lllllll', [['id', 'name', 'scopes', 'created', 'last used', 'expires', 'state'], ...rows])
}

/** A key's scopes and expiry, in a sentence. */
export function keyWords({ id, name, scopes, expires }: ApiKey): string {
  const end = expires === null ? 'does not expire' : `expires ${minute(expires)}`
  return `API key ${id}, "${name}": allows ${scopes.join(', ')}; ${end}.`
}

function state({ revoked, expires, replacedBy }: ApiKey, now: number): string {
  if (revoked !== null) return `revoked ${minute(revoked)}`
  if (expires !== null && expires.getTime() <= now) return 'expired'
  return replacedBy === null ? 'good' : `good, replaced by ${replacedBy}`
}

/** Such as 2026-11-23 06:51 UTC. */
const orNever = (time: Date | null) => (time === null ? 'never' : minute(time))

const MILLISECONDS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A century: anything longer is a typing error, and may exceed the range of dates. */
const MOST = 36_525 * 86_400_000

/** 24h → 86,400,000 ms. @throws {InvalidArgumentError} unless `text` is a number of minutes, hours, days or weeks */
export function duration(text: string): number {
  const [, count, unit] = /^(\d+)\s*([mhdw])$/.exec(text.trim()) ?? []
  const length = Number(count) * MILLISECONDS[unit]
  if (length <= MOST) return length
  throw new InvalidArgumentError(
    'It has to be minutes, hours, days or weeks, up to a century: 30m, 24h, 90d, 2w.',
  )
}
