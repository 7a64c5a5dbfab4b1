import { z } from 'zod'

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
  /** What opens everything to whoever started the server; null where nothing does. */
  readonly token: string | null
  /** What customer tokens have to be for, in their claim "aud". */
  readonly audience: string
  /** Of which origins pages may read the answers; of the server's own they may. */
  readonly corsOrigins: readonly string[]
}

const ORIGIN =
  'CORS_ORIGIN must be origins as browsers write them, such as https://shop.example (no path, no *), separated by commas'

const shape = z.object({
  HOST: z.string().regex(/^\S+$/, 'HOST must be a name or an address').default('127.0.0.1'),
  PORT: z.coerce
    .number('PORT must be a number')
    .int('PORT must be a whole number')
    .min(0, 'PORT must be 0 or more')
    .max(65_535, 'PORT must be 65535 or less')
    .default(4000),
  NODE_ENV: z.string().optional(),
  INTROSPECTION: z.stringbool({ error: 'INTROSPECTION must be true or false' }).optional(),
  TRUST_PROXY: z.coerce
    .number('TRUST_PROXY must be a number of proxies')
    .int('TRUST_PROXY must be a whole number')
    .min(0, 'TRUST_PROXY must be 0 or more')
    .default(0),
  RATIONALE_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,200}$/,
      'RATIONALE_TOKEN must be 16 to 200 letters, digits and signs, hard to guess',
    )
    .nullable()
    .default(null),
  CORS_ORIGIN: z.array(z.string().refine(isOrigin, ORIGIN)),
  TOKEN_AUDIENCE: z.string().max(200, 'TOKEN_AUDIENCE must be 200 characters or less').default('rationale'),
})

/** Said in place of what must not stand in a log. */
const SECRETS: ReadonlySet<string> = new Set(['RATIONALE_TOKEN'])

/**
 * What a server listens on: options first, then the environment (HOST, PORT, NODE_ENV,
 * INTROSPECTION, TRUST_PROXY, RATIONALE_TOKEN, TOKEN_AUDIENCE, CORS_ORIGIN), then defaults. Variables set to nothing count as not set.
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
    INTROSPECTION: environment['INTROSPECTION'] || undefined,
    TRUST_PROXY: options.trustProxy ?? (environment['TRUST_PROXY'] || undefined),
    RATIONALE_TOKEN: options.token ?? (environment['RATIONALE_TOKEN'] || undefined),
    CORS_ORIGIN: options.corsOrigins ?? listIn(environment['CORS_ORIGIN']),
    TOKEN_AUDIENCE: options.audience ?? (environment['TOKEN_AUDIENCE'] || undefined),
  }
  const result = shape.safeParse(settings)
  if (!result.success) {
    throw new Error(
      result.error.issues
        .map(({ message, path: [name] }) =>
          SECRETS.has(String(name))
            ? message
            : `${message}, not "${settings[name as keyof typeof settings]}"`,
        )
        .join('; '),
    )
  }
  const { HOST: host, PORT: port, NODE_ENV, INTROSPECTION, TRUST_PROXY: trustProxy } = result.data
  const { RATIONALE_TOKEN: token, TOKEN_AUDIENCE: audience, CORS_ORIGIN: corsOrigins } = result.data
  const production = options.production ?? NODE_ENV === 'production'
  return {
    host,
    port,
    production,
    introspection: options.introspection ?? INTROSPECTION ?? !production,
    trustProxy,
    token,
    audience,
    corsOrigins,
  }
}

function listIn(text = ''): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Whether a text is what browsers send as `Origin` of pages of a site: scheme, host and port. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
