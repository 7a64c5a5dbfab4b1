import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Settings of Node and of the network, which a `.env` file may not set: a downloaded folder must not turn off certificates. */
const FOREIGN = /^(NODE_(?!ENV$)|SSL_|OPENAI_(?!API_KEY$|BASE_URL$))|_PROXY$/i

/**
 * Reads a file `.env` of this folder, if there is one; variables that the environment already has are kept.
 *
 * A key from the environment is sent only to OpenAI or to the address in the environment, never to an address in the
 * file.
 * @param asksModel  whether a language model will be used
 * @throws {Error} if the key from the environment would be sent to the address in the file
 */
export function readEnvironmentFile(asksModel = false): void {
  if (!existsSync('.env')) return
  const { OPENAI_BASE_URL: address, ...settings } = parseEnv(readFileSync('.env', 'utf8'))
  const isRedirected = address && process.env['OPENAI_API_KEY'] && !process.env['OPENAI_BASE_URL']
  if (isRedirected && asksModel) {
    throw new Error(
      `OPENAI_API_KEY from the environment would be sent to OPENAI_BASE_URL from .env, ${address}: set OPENAI_BASE_URL in ` +
        'the environment too, or remove OPENAI_API_KEY from it and put the key for that server into .env',
    )
  }
  const allowed = isRedirected ? settings : { ...settings, ...(address && { OPENAI_BASE_URL: address }) }
  for (const [name, value] of Object.entries(allowed)) {
    if (value !== undefined && !FOREIGN.test(name)) process.env[name] ??= value
  }
}
