import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { UnknownCustomerError } from '../engine/errors.ts'
import { fileProblem } from '../files/file-problems.ts'
import { ConfigurationError } from '../model/configuration.ts'
import { runInThread } from './command-thread.ts'
import { commandThread, Interruption, interruption, leftByInterruption } from './interruption.ts'
import { say } from './progress.ts'
import { printable } from './plain-text.ts'

const packageFile = new URL('../../package.json', import.meta.url)

/** The commands, in the order of `--help`. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./serve.ts')).addServe,
  train: async () => (await import('./train.ts')).addTrain,
  recommend: async () => (await import('./recommend.ts')).addRecommend,
  similar: async () => (await import('./similar.ts')).addSimilar,
  explain: async () => (await import('./explain.ts')).addExplain,
  evaluate: async () => (await import('./evaluate.ts')).addEvaluate,
  tune: async () => (await import('./tune.ts')).addTune,
  experiment: async () => (await import('./experiment.ts')).addExperiment,
  generate: async () => (await import('./generate.ts')).addGenerate,
  import: async () => (await import('./import.ts')).addImport,
  export: async () => (await import('./export.ts')).addExport,
  erase: async () => (await import('./erase.ts')).addErase,
  'export-customer': async () => (await import('./export-customer.ts')).addExportCustomer,
  retrain: async () => (await import('./retrain.ts')).addRetrain,
  rollback: async () => (await import('./rollback.ts')).addRollback,
  inspect: async () => (await import('./inspect.ts')).addInspect,
  keys: async () => (await import('./keys.ts')).addKeys,
  audit: async () => (await import('./audit.ts')).addAudit,
  store: async () => (await import('./copy-store.ts')).addStore,
}

/** Commands that compute for long, and leave nothing behind where their thread is ended in the middle. */
const IN_THREADS: ReadonlySet<string> = new Set(['evaluate', 'tune'])

/**
 * Runs one command line. Results go to stdout, everything else (progress, errors) to stderr.
 * @param argv  the arguments after the program's name
 * @returns the exit code: 0 success, 1 failure, 2 wrong usage, 130 or 143 interrupted by SIGINT or SIGTERM
 */
export async function main(argv: string[]): Promise<number> {
  const outputEnds = watchOutput()
  const code = await run(argv).catch(reportFailure)
  const failure = await outputEnds()
  if (failure === undefined) return code
  say(`error: cannot write to stdout: ${fileProblem(failure)}`)
  return code || 1
}

async function run(argv: string[]): Promise<number> {
  if (commandThread) process.stderr.isTTY = commandThread.isTerminal
  else if (IN_THREADS.has(argv[0])) return runInThread(argv)
  const command = await program(argv[0])
  await command.parseAsync(argv, { from: 'user' })
  return 0
}

/** @param asked  the only command to load, if there is one: loading all takes several times as long */
async function program(asked = ''): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(packageFile, 'utf8'))
  const command = new Command('rationale')
    .description(description)
    .version(version)
    .exitOverride()
    // Messages quote the command line.
    .configureOutput({
      writeOut: (text) => process.stdout.write(printable(text)),
      writeErr: (text) => process.stderr.write(printable(text)),
    })
    .showHelpAfterError('Run it with --help for its options and an example.')
    .addHelpText('after', '\nRATIONALE_DEBUG=1 in the environment adds the stack to errors.')
  const commands = Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]] : Object.values(COMMANDS)
  for (const load of commands) {
    const add = await load()
    add(command)
  }
  return command
}

/**
 * Watches stdout. If its reader ends early, as in `rationale … | head`, the work continues (a model is written, an
 * evaluation recorded), and this is not a failure.
 * @returns a function that waits until everything is written, and returns an error if there was one
 */
function watchOutput(): () => Promise<Error | undefined> {
  let failure: NodeJS.ErrnoException | undefined
  process.stdout.on('error', (error) => (failure ??= error))
  process.stderr.on('error', () => {})
  return async () => {
    if (process.stdout.writable) await new Promise((resolve) => process.stdout.write('', resolve))
    // The event follows the callback.
    await new Promise(setImmediate)
    return failure?.code === 'EPIPE' ? undefined : failure
  }
}

/** The most likely mistake with Olist's files, which have both ids. */
const CUSTOMER_HINT = 'Is it a customer_unique_id? (A customer_id is one per order.)'

/**
 * Prints the error that ended a command; with its stack if RATIONALE_DEBUG is set.
 * @returns the exit code: 0 success (--help, --version), 1 failure, 2 wrong usage, 130 or 143 interrupted
 */
function reportFailure(error: unknown): number {
  if (process.env.RATIONALE_DEBUG) say(inspect(error))
  // After an interruption, every error is caused by it.
  const interrupted = error instanceof Interruption ? error : interruption()
  if (interrupted) {
    say(`${interrupted.message}; ${leftByInterruption()}`)
    return interrupted.exitCode
  }
  // Commander has printed its messages already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  say(`error: ${messageOf(error)}`)
  return error instanceof ConfigurationError ? 2 : 1
}

function messageOf(error: unknown): string {
  if (error instanceof UnknownCustomerError) return `${error.message} ${CUSTOMER_HINT}`
  return error instanceof Error ? error.message : String(error)
}
