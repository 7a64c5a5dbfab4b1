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
  /** How many proxies stand before it: see `addressOf`. */
  readonly trustProxy: number
  /** The server token, which allows everything; null if there is none. */
  readonly token: string | null
  /** What customer tokens have to be for, in their claim "aud". */
  readonly audience: string
  /** Of which origins pages may read the answers; of the server's own they may. */
  readonly corsOrigins: readonly string[]
}

/** What may be said of a server; what is left out the environment says, or a default. */
export interface ServerSettingOptions extends Partial<ServerConfig> {
  readonly requireKeys?: boolean
  readonly insecure?: boolean
  readonly limits?: Partial<Limits>
}

/** Where a server listens, who may ask it, and how much. */
export interface ServerSettings extends ServerConfig {
  readonly access: Access
  /** Callers are limited wherever others than those on this machine reach it, unless that is said otherwise. */
  readonly limits: Limits
}

/**
 * Settles what depends on options and environment alone, before a server has anything to serve: where it listens, who
 * may ask, and how much.
 * @throws {Error} naming a setting that cannot be, and its value
 */
export function serverSettings(options: ServerSettingOptions): ServerSettings {
  const { requireKeys = false, insecure = false, limits } = options
  const config = serverConfig(options)
  const access = accessTo(config.host, requireKeys, insecure, config.trustProxy)
  return { ...config, access, limits: limitsOf(limits, access !== 'LOOPBACK') }
}

/**
 * What a server listens on: options first, then the environment, then defaults.
 * @throws {Error} naming each setting that cannot be, and its value
 */
export function serverConfig(
  options: Partial<ServerConfig> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ServerConfig {
  const { environment: kind, ...settings } = readSettings(SERVER_SETTINGS, options, environment)
  const production = options.production ?? kind === 'production'
  return { ...settings, production, introspection: settings.introspection ?? !production }
}
