import { type Access, accessTo } from './access.ts'
import { type ServerConfig, serverConfig } from './config.ts'
import { type Limits, limitsOf } from './limits.ts'

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
