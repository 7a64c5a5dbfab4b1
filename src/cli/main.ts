import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addEvaluate } from './evaluate.ts'
import { addExperiment } from './experiment.ts'
import { addExplain } from './explain.ts'
import { reportFailure } from './failure.ts'
import { addGenerate } from './generate.ts'
import { addInspect } from './inspect.ts'
import { addKeys } from './keys.ts'
import { addRecommend } from './recommend.ts'
import { addServe } from './serve.ts'
import { addSimilar } from './similar.ts'
import { addTrain } from './train.ts'
import { addTune } from './tune.ts'

const packageFile = new URL('../../package.json', import.meta.url)

/**
 * Runs one command line. Results go to stdout, everything else (progress, errors) to stderr.
 * @param argv  the arguments after the program's name
 * @returns the exit code: 0 fine, 1 failed, 2 wrong usage, 130 or 143 interrupted by SIGINT or SIGTERM
 */
export async function main(argv: string[]): Promise<number> {
  tolerateClosedPipes()
  try {
    await program().parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    return reportFailure(error)
  }
}

function program(): Command {
  const { version, description } = JSON.parse(readFileSync(packageFile, 'utf8'))
  const command = new Command('rationale')
    .description(description)
    .version(version)
    .exitOverride()
    .showHelpAfterError('Run it with --help for its options and an example.')
    .addHelpText('after', '\nRATIONALE_DEBUG=1 in the environment adds the stack to errors.')
  for (const add of [
    addServe,
    addTrain,
    addRecommend,
    addSimilar,
    addExplain,
    addEvaluate,
    addTune,
    addExperiment,
    addGenerate,
    addInspect,
    addKeys,
  ])
    add(command)
  return command
}

/** `rationale … | head` has seen what it wanted: that is no failure, and needs no message. */
function tolerateClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  // Nobody reads the progress; the work goes on.
  process.stderr.on('error', () => {})
}
