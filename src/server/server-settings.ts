import { type Access, accessTo } from './access.ts'
import { type Limits, limitsOf } from './limits.ts'
import { readSettings, SERVER_SETTINGS } from './settings.ts'

/** Where a server listens, and which callers and proxies it trusts. */
export interface ServerConfig {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** Hides GraphiQL. */
  readonly production: boolean
  /** Answers questions about the schema, also by suggestions in error messages. */
  readonly introspection: boolean
  /** How many proxies are in front of it: see `addressOf`. */
  readonly trustProxy: number
  /** The server token, which allows everything; null if there is none. */
  readonly token: string | null
  /** The claim "aud" that customer tokens must have. */
  readonly audience: string
  /** Origins whose pages may read the answers, in addition to the server's own. */
  readonly corsOrigins: readonly string[]
}

/** Settings of a server; one that is left out comes from the environment, else is the default. */
export interface ServerSettingOptions extends Partial<ServerConfig> {
  readonly requireKeys?: boolean
  readonly insecure?: boolean
  readonly limits?: Partial<Limits>
}

/** Where a server listens, who may ask it, and how much. */
export interface ServerSettings extends ServerConfig {
  readonly access: Access
  /** By default callers are limited if clients on other machines can reach the server. */
  readonly limits: Limits
}

/**
 * The settings that depend on options and environment only, checked before a model is loaded: where the server listens,
 * who may ask, and how much.
 * @throws {Error} naming an invalid setting and its value
 */
export function serverSettings(options: ServerSettingOptions): ServerSettings {
  const { requireKeys = false, insecure = false, limits } = options
  const config = serverConfig(options)
  const access = accessTo(config.host, requireKeys, insecure, config.trustProxy)
  return { ...config, access, limits: limitsOf(limits, access !== 'LOOPBACK') }
}

/**
 * What a server listens on: options first, then the environment, then defaults.
 * @throws {Error} naming each invalid setting and its value
 */
export function serverConfig(
  options: Partial<ServerConfig> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ServerConfig {
  const { environment: kind, ...settings } = readSettings(SERVER_SETTINGS, options, environment)
  const production = options.production ?? kind === 'production'
  return { ...settings, production, introspection: settings.introspection ?? !production }
}
