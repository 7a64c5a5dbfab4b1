/**
 * All settings of a server and of the language model: the environment variable, the command-line option, the valid
 * values, the default and the meaning. The reading of the environment, `--help` and docs/settings.md (by `npm run
 * settings:write`) are made from these tables, so they cannot differ.
 */
import { z } from 'zod'
import { DEFAULT_LEAST_CUSTOMERS } from '../engine/buyers.ts'
import { EXPLANATION_STYLES } from '../explanations/style.ts'
import { DEFAULT_KEPT_MODELS } from '../service/model-versions.ts'
import { DURATION_FORM, durationOf, isSchedule } from '../service/schedule.ts'

/** A value that the operator of a server may set. */
export interface Setting<Value = unknown> {
  /** The environment variable. */
  readonly variable?: string
  /** The command-line option, as in `--help`. */
  readonly flag?: string
  /** The valid values, and the default. An error message begins with the name and continues with "must be …". */
  readonly check: z.ZodType<Value>
  /** The default in words, if it is not a single value. */
  readonly otherwise?: string
  /** What it changes, and its unit. */
  readonly meaning: string
  /** The valid values in words, if they are not a range or a choice. */
  readonly form?: string
  /** Whether its value must not appear in messages and logs. */
  readonly isSecret?: boolean
}

/** The values of a table of settings. */
export type SettingValues<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly check: infer Check extends z.ZodType }
    ? z.output<Check>
    : never
}

/** A bucket of cost that refills. */
export interface RateLimit {
  /** The points of a full bucket: the most that can be spent at once. */
  readonly capacity: number
  /** The points that are added each second. */
  readonly perSecond: number
}

/** The longest time of a timer: 31 bits of milliseconds. */
const MAX_SECONDS = 2_147_483

/** Refuses blank text, which z.coerce would read as 0. */
const numeric = <Check extends z.ZodType<number>>(check: Check) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? Number.NaN : value), check)

const whole = (least: number, most = Number.MAX_SAFE_INTEGER, what = 'a number') =>
  numeric(
    z.coerce
      .number(`must be ${what}`)
      .int('must be a whole number')
      .min(least, `must be ${least} or more`)
      .max(most, `must be ${most} or less`),
  )

const seconds = () =>
  numeric(
    z.coerce
      .number('must be a number')
      .positive('must be more than 0')
      .max(MAX_SECONDS, `must be ${MAX_SECONDS} or less`),
  )

const amount = () => numeric(z.coerce.number('must be a number').min(0, 'must be 0 or more'))

/** In milliseconds. */
const duration = () =>
  z.preprocess(
    (value) => (typeof value === 'string' ? durationOf(value) : value),
    z.number(`must be ${DURATION_FORM}`).positive(`must be ${DURATION_FORM}`),
  )

const SCHEDULE_FORM = `${DURATION_FORM}, or a cron expression as in "0 3 * * *"`

const rateLimit = () =>
  z.preprocess(
    readRateLimit,
    z
      .custom<RateLimit | null>(
        (value) => value === null || isRateLimit(value),
        'must look like 150000,15000, or be "off"',
      )
      .optional(),
  )

const RATE_FORM = 'two numbers as in 150000,15000, or off'

/** Where a server listens, and who may use it. */
export const SERVER_SETTINGS = {
  host: {
    variable: 'HOST',
    flag: '--host <host>',
    check: z.string().regex(/^\S+$/, 'must be a name or an address').default('127.0.0.1'),
    form: 'a name or an address',
    meaning: 'address to listen on',
  },
  port: {
    variable: 'PORT',
    flag: '--port <n>',
    check: whole(0, 65_535).default(4000),
    meaning: 'port, 0 for any free one',
  },
  environment: {
    variable: 'NODE_ENV',
    check: z.string().optional(),
    form: 'production, or anything else',
    meaning: 'production hides GraphiQL, and by default the schema',
  },
  introspection: {
    variable: 'INTROSPECTION',
    flag: '--introspection',
    check: z.preprocess(
      (value) => (typeof value === 'boolean' ? String(value) : value),
      z.stringbool({ error: 'must be true or false' }).optional(),
    ),
    form: 'true or false',
    otherwise: 'true, in production false',
    meaning: 'allow introspection, and suggest names in errors, in production too',
  },
  trustProxy: {
    variable: 'TRUST_PROXY',
    flag: '--trust-proxy <n>',
    check: whole(0, Number.MAX_SAFE_INTEGER, 'a number of proxies').default(0),
    meaning: 'number of proxies in front of the server whose X-Forwarded-For is trusted',
  },
  token: {
    variable: 'RATIONALE_TOKEN',
    check: z
      .string()
      .regex(/^[\x21-\x7e]{16,200}$/, 'must be 16 to 200 letters, digits and signs, hard to guess')
      .nullable()
      .default(null),
    form: '16 to 200 letters, digits and signs',
    otherwise: 'a new one at each start, only on this machine',
    meaning: 'token that allows everything, for the person who starts the server',
    isSecret: true,
  },
  audience: {
    variable: 'TOKEN_AUDIENCE',
    check: z.string().max(200, 'must be 200 characters or less').default('rationale'),
    form: 'at most 200 characters',
    meaning:
      'the claim "aud" that customer tokens must have; use different ones for servers that share a key',
  },
  corsOrigins: {
    variable: 'CORS_ORIGIN',
    flag: '--cors-origin <origin>',
    check: z.preprocess(
      readList,
      z
        .array(
          z
            .string()
            .refine(
              isOrigin,
              'must be origins as browsers write them, such as https://shop.example (no path, no *), separated by commas',
            ),
        )
        .default([]),
    ),
    form: 'origins as in https://shop.example, separated by commas',
    otherwise: 'only its own',
    meaning: 'let pages of this origin read the answers, for pages with customer tokens; repeatable',
  },
} as const satisfies Record<string, Setting>

/** More command-line options. */
export const SERVE_SETTINGS = {
  requireKeys: {
    flag: '--require-keys',
    check: z.boolean('must be true or false').default(false),
    otherwise: 'only if other machines can reach the server, and behind proxies',
    meaning: 'answer nothing without an API key',
  },
  insecure: {
    flag: '--insecure',
    check: z.boolean('must be true or false').default(false),
    meaning: 'let anyone who reaches the server do everything, without a key or token',
  },
  trustedDocuments: {
    flag: '--trusted-documents <file>',
    check: z.string().optional(),
    form: 'a JSON file',
    otherwise: 'every document is answered',
    meaning: "answer only the documents in this file, as codegen's client preset writes it",
  },
  leastCustomers: {
    variable: 'LEAST_CUSTOMERS',
    flag: '--least-customers <n>',
    check: whole(1).default(DEFAULT_LEAST_CUSTOMERS),
    meaning:
      'in lists for unknown customers, two products count as bought together only if this many customers bought both; ' +
      'from 2 on, what a single customer bought cannot be seen',
  },
  workers: {
    variable: 'WORKERS',
    flag: '--workers <n>',
    check: whole(1, 256).default(1),
    meaning:
      'processes that serve together; each holds the model in memory, and from 2 on they need a store (--store or --model)',
  },
  store: {
    variable: 'STORE',
    flag: '--store <store>',
    check: z.string().optional(),
    form: 'an SQLite file, created when there is something to store, or postgres://user@host/database',
    isSecret: true,
    otherwise: 'with --model <model>.sqlite, else memory',
    meaning:
      'where events, API keys and the availability of products are kept; if the option is given, explanations by --llm too',
  },
} as const satisfies Record<string, Setting>

/** The models and the events of a store, and how they are renewed. */
export const STORE_SETTINGS = {
  watch: {
    flag: '--watch',
    check: z.boolean('must be true or false').default(false),
    meaning:
      'serve the file of --model again when it is replaced; with and without, SIGHUP looks at once, and a model that ' +
      'another process promotes in the store is served within seconds',
  },
  retrainEvery: {
    variable: 'RETRAIN_EVERY',
    flag: '--retrain-every <time>',
    check: z.string().refine(isSchedule, `must be ${SCHEDULE_FORM}`).optional(),
    form: SCHEDULE_FORM,
    otherwise: 'never',
    meaning: 'how often a model is trained on what the store holds by then, beside serving',
  },
  margin: {
    variable: 'RETRAIN_MARGIN',
    flag: '--margin <x>',
    check: amount().default(0),
    meaning:
      'a new model is promoted unless its nDCG @10 is shown to be lower than that of the one that serves by more than this',
  },
  models: {
    variable: 'MODELS',
    flag: '--models <place>',
    check: z.string().optional(),
    form: 'a folder, or s3://bucket/name',
    otherwise: '<store>.models of an SQLite file; with PostgreSQL it has to be named',
    meaning: 'where the models of the store are kept; all servers of the store need the same place',
  },
  keepModels: {
    variable: 'KEEP_MODELS',
    flag: '--keep-models <n>',
    check: whole(1).default(DEFAULT_KEPT_MODELS),
    meaning: 'how many models that do not serve are kept in the store, to go back to',
  },
  keepEvents: {
    variable: 'KEEP_EVENTS',
    flag: '--keep-events <time>',
    check: duration().optional(),
    form: DURATION_FORM,
    otherwise: 'for ever',
    meaning: 'how long events are kept: older ones are removed from the store every hour',
  },
} as const satisfies Record<string, Setting>

/** Limits for one request and for one caller. */
export const LIMIT_SETTINGS = {
  bodyBytes: {
    variable: 'MAX_BODY_BYTES',
    check: whole(1).default(256 * 1024),
    meaning: "bytes of a request's body, before and after decompression",
  },
  tokens: {
    variable: 'MAX_TOKENS',
    check: whole(1).default(1000),
    meaning: "tokens of a document; GraphiQL's introspection has some 300",
  },
  depth: {
    variable: 'MAX_DEPTH',
    check: whole(1).default(10),
    meaning: 'how deep fields may be nested, without introspection; a fragment counts each time it is used',
  },
  aliases: {
    variable: 'MAX_ALIASES',
    check: whole(1).default(15),
    meaning: 'aliases in an operation; a fragment counts each time it is used',
  },
  directives: {
    variable: 'MAX_DIRECTIVES',
    check: whole(1).default(50),
    meaning: 'directives in an operation; a fragment counts each time it is used',
  },
  cost: {
    variable: 'MAX_COST',
    check: whole(1).default(5000),
    meaning: 'cost of an operation, estimated before it is executed; a unit is about 0.03 ms of one core',
  },
  nodes: {
    variable: 'MAX_NODES',
    check: whole(1).default(10_000),
    meaning: 'objects that an operation may return, estimated and counted',
  },
  seconds: {
    variable: 'REQUEST_TIMEOUT',
    check: seconds().default(10),
    meaning: 'seconds until the answer, or its first part, must be ready',
  },
  streamSeconds: {
    variable: 'STREAM_TIMEOUT',
    check: seconds().default(120),
    meaning: 'seconds that an answer in parts, or a subscription, may last',
  },
  rateLimit: {
    variable: 'RATE_LIMIT',
    check: rateLimit(),
    form: RATE_FORM,
    otherwise: '150000,15000; off on this machine',
    meaning: 'cost that one key or address may spend at once, and what it gets back per second',
  },
  visitorRateLimit: {
    variable: 'VISITOR_RATE_LIMIT',
    check: rateLimit(),
    form: RATE_FORM,
    otherwise: 'a tenth of RATE_LIMIT',
    meaning:
      'what each visitor of a key, by address, may spend of the half that is reserved for all its visitors, and owe ' +
      'for requests that could not be answered; off treats all visitors of a key as one',
  },
} as const satisfies Record<string, Setting>

/** The language model, and what it may cost. */
export const LANGUAGE_MODEL_SETTINGS = {
  isAsked: {
    flag: '--llm',
    check: z.boolean('must be true or false').default(false),
    meaning:
      'let a language model choose the wording of explanations; needs $OPENAI_API_KEY or $OPENAI_BASE_URL',
  },
  apiKey: {
    variable: 'OPENAI_API_KEY',
    check: z.string().optional(),
    form: 'text',
    otherwise: 'none: then OPENAI_BASE_URL must be set',
    meaning: "key of the language model's server",
  },
  baseUrl: {
    variable: 'OPENAI_BASE_URL',
    check: z.url('must be a URL').optional(),
    form: 'a URL',
    otherwise: "OpenAI's",
    meaning: "address of the language model's server, with OpenAI's API",
  },
  model: {
    variable: 'LLM_MODEL',
    flag: '--llm-model <name>',
    check: z.string().default('gpt-4o-mini'),
    form: 'a name',
    meaning: 'name of the language model',
  },
  style: {
    variable: 'LLM_STYLE',
    flag: '--llm-style <style>',
    check: z.enum(EXPLANATION_STYLES, `must be ${EXPLANATION_STYLES.join(' or ')}`).default('clauses'),
    meaning:
      'clauses: the model chooses among clauses that state evidence; free: it writes its own text, marked LLM_UNVERIFIED',
  },
  timeout: {
    variable: 'LLM_TIMEOUT',
    check: amount().default(20),
    meaning: 'seconds until the language model must answer',
  },
  retries: {
    variable: 'LLM_RETRIES',
    check: whole(0, 10).default(2),
    meaning: 'how often it is asked again after a failure',
  },
  concurrency: {
    variable: 'LLM_CONCURRENCY',
    check: whole(1, 100).default(4),
    meaning: 'simultaneous calls',
  },
  tokensPerDay: {
    variable: 'LLM_TOKENS_PER_DAY',
    check: amount().default(5_000_000),
    meaning: 'input and output tokens allowed per day',
  },
  moneyPerDay: {
    variable: 'LLM_MONEY_PER_DAY',
    check: amount().default(1),
    meaning: 'cost allowed per day, in the currency of LLM_PRICE (dollars)',
  },
  price: {
    variable: 'LLM_PRICE',
    check: z
      .string()
      .regex(/^\d+(\.\d+)?,\d+(\.\d+)?$/, 'must look like 0.15,0.60')
      .optional(),
    form: 'two numbers as in 0.15,0.60',
    otherwise: '0.15,0.60 for gpt-4o-mini; other models need it',
    meaning: 'price of a million input and output tokens; 0,0 for a server of your own',
  },
  store: {
    variable: 'EXPLANATION_STORE',
    flag: '--store <store>',
    check: z.string().optional(),
    form: 'an SQLite file, or postgres://user@host/database',
    otherwise: '$STORE',
    meaning: 'where its texts and their costs are kept',
  },
} as const satisfies Record<string, Setting>

/**
 * Reads a table of settings: options first, then the environment, then defaults. Empty variables count as not set.
 * @throws {Error} naming each invalid setting, its value (unless it is secret), and what it must be
 */
export function readSettings<Table extends Readonly<Record<string, Setting>>>(
  table: Table,
  options: Readonly<Partial<Record<keyof Table, unknown>>>,
  environment: NodeJS.ProcessEnv,
): SettingValues<Table> {
  const wrong: string[] = []
  const values = Object.entries(table).map(([name, setting]) => {
    const given = options[name] ?? fromEnvironment(setting, environment)
    const result = setting.check.safeParse(given)
    if (!result.success) {
      const value = setting.isSecret ? '' : `, not "${written(given)}"`
      wrong.push(`${setting.variable ?? setting.flag} ${result.error.issues[0].message}${value}`)
    }
    return [name, result.data]
  })
  if (wrong.length > 0) throw new Error(wrong.join('; '))
  return Object.fromEntries(values)
}

function fromEnvironment({ variable }: Setting, environment: NodeJS.ProcessEnv): string | undefined {
  return (variable && environment[variable]) || undefined
}

/** A value as text. */
function written(value: unknown): string {
  if (isRateLimit(value)) return `${value.capacity},${value.perSecond}`
  return typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value)
}

/** The default in words; undefined if there is none. */
export function defaultOf({ otherwise, check }: Setting): string | undefined {
  if (otherwise !== undefined) return otherwise
  const { data } = check.safeParse(undefined)
  return data === undefined || data === false ? undefined : written(data)
}

/** The valid values of a setting, in words. */
export function formOf({ form, check }: Setting): string {
  if (form !== undefined) return form
  const { type, enum: choices, minimum, exclusiveMinimum, maximum } = z.toJSONSchema(check)
  if (choices !== undefined) return choices.join(' or ')
  if (type === 'boolean') return 'given or not'
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  const hasMost = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER
  if (exclusiveMinimum !== undefined)
    return `${kind} above ${exclusiveMinimum}${hasMost ? `, up to ${maximum}` : ''}`
  return hasMost ? `${kind} from ${minimum} to ${maximum}` : `${kind} of at least ${minimum}`
}

/** The text of `--help` for a setting: its meaning and its default. */
export function helpOf(setting: Setting): string {
  const { variable, meaning } = setting
  const defaults = [variable && `$${variable}`, defaultOf(setting)].filter(Boolean)
  return defaults.length === 0 ? meaning : `${meaning} (default: ${defaults.join(', else ')})`
}

/** Reads "150000,15000" or "off"; returns anything else as it is. */
function readRateLimit(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === 'off') return null
  const [, capacity, perSecond] = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(value) ?? []
  return capacity === undefined ? value : { capacity: Number(capacity), perSecond: Number(perSecond) }
}

function isRateLimit(value: unknown): value is RateLimit {
  const { capacity, perSecond } = (value ?? {}) as Partial<RateLimit>
  return typeof capacity === 'number' && typeof perSecond === 'number'
}

/** Reads items between commas; returns anything but text as it is. */
function readList(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Whether a text has the form of an `Origin` header: scheme, host and port. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
