import type { ServerSettings } from '../server/server-settings.ts'
import { ApiKeyStore } from '../store/api-key-store.ts'
import { IN_MEMORY } from '../store/database.ts'
import { say } from './narration.ts'
import { shellWord } from './shell-word.ts'

/**
 * Opens the API keys that a server is to know, and says where they are and who may ask it.
 * @throws {Error} where keys are asked for that nobody could make, and where the store cannot be read
 */
export function openServerKeys(
  store: string,
  { access, host, token }: Pick<ServerSettings, 'access' | 'host' | 'token'>,
): ApiKeyStore {
  if (access === 'KEYS' && store === IN_MEMORY && token === null) {
    throw new Error(
      `whoever reaches ${host} has to show an API key, and nothing keeps any: name a --store for them and make one ` +
        'with `rationale keys create`, or let anybody in with --insecure',
    )
  }
  const keys = new ApiKeyStore(store)
  const known = knownKeys(keys)
  if (store !== IN_MEMORY) say(`API keys and the availability of products are kept in ${store}`)
  if (keys.isReadOnly) say('It may only be read: nothing can be changed over the API')
  if (access === 'KEYS' && known === 0 && token === null) {
    say(
      `No API key is known yet, so that every request is refused. This makes one, and the running server takes it:\n` +
        `  rationale keys create --store ${shellWord(store)} --name "web shop" --scope read`,
    )
  }
  if (access === 'ANYBODY') say(`--insecure: anybody who reaches ${host} may do everything`)
  if (store === IN_MEMORY) say('What is set over the API ends with this server: --store <file> would keep it')
  return keys
}

function knownKeys(keys: ApiKeyStore): number {
  try {
    return keys.list().length
  } catch (cause) {
    keys.close()
    throw new Error(`cannot use the store ${keys.file}: ${(cause as Error).message}`, { cause })
  }
}
