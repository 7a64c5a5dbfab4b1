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
  /** Allows introspection, and suggestions in error messages. */
  readonly introspection: boolean
  /** The number of proxies in front of it: see `addressOf`. */
  readonly trustProxy: number
  /** The server token, which allows everything; null if there is none. */
  readonly token: string | null
  /** The claim "aud" that customer tokens must have. */
  readonly audience: string
  /** Origins whose pages may read the answers, in addition to the server's own. */
  readonly corsOrigins: readonly string[]
}

/** Settings of a server. Those left out come from the environment, else they have their defaults. */
export interface ServerSettingOptions extends Partial<ServerConfig> {
  readonly requireKeys?: boolean
  readonly insecure?: boolean
  readonly limits?: Partial<Limits>
}

/** Where a server listens, who may use it, and its limits. */
export interface ServerSettings extends ServerConfig {
  readonly access: Access
  /** By default callers are limited if clients on other machines can reach the server. */
  readonly limits: Limits
}

/**
 * The settings that depend only on options and environment. They are checked before a model is loaded.
 * @throws {Error} naming an invalid setting and its value
 */
export function serverSettings(options: ServerSettingOptions): ServerSettings {
  const { requireKeys = false, insecure = false, limits } = options
  const config = serverConfig(options)
  const access = accessTo(config.host, requireKeys, insecure, config.trustProxy)
  return { ...config, access, limits: limitsOf(limits, access !== 'LOOPBACK') }
}

/**
 * The settings of a server: options first, then the environment, then defaults.
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
