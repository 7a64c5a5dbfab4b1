import { z } from 'zod'

export interface ServerConfig {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** Hides GraphiQL, and the suggestions in error messages. */
  readonly production: boolean
}

const shape = z.object({
  HOST: z.string('HOST must be a name or an address').default('127.0.0.1'),
  PORT: z.coerce
    .number('PORT must be a number')
    .int('PORT must be a whole number')
    .min(0, 'PORT must be 0 or more')
    .max(65_535, 'PORT must be 65535 or less')
    .default(4000),
  NODE_ENV: z.string().optional(),
})

/**
 * What a server listens on: options first, then the environment (HOST, PORT, NODE_ENV), then defaults. Variables
 * set to nothing count as not set.
 * @throws {Error} naming the setting and its value
 */
export function serverConfig(
  options: Partial<ServerConfig> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ServerConfig {
  const settings = {
    HOST: options.host ?? (environment.HOST || undefined),
    PORT: options.port ?? (environment.PORT || undefined),
    NODE_ENV: environment.NODE_ENV,
  }
  const result = shape.safeParse(settings)
  if (!result.success) {
    throw new Error(
      result.error.issues
        .map(({ message, path }) => `${message}, not "${settings[path[0] as keyof typeof settings]}"`)
        .join('; '),
    )
  }
  const { HOST: host, PORT: port, NODE_ENV } = result.data
  return { host, port, production: options.production ?? NODE_ENV === 'production' }
}
