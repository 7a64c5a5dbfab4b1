/** The file with the result of `tune` for `train` and `evaluate`: fields of a configuration, as JSON. */
import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import { fileProblem } from '../files/file-problems.ts'
import { replaceFile } from '../files/output-file.ts'
import type { Configuration } from '../model/configuration.ts'
import { configurationSchema } from '../model/configuration.ts'
import { filled } from './options.ts'
import { say } from './progress.ts'

/** The fields that such a file may set: all but the preset and the seed. */
export type TunedConfiguration = Partial<Omit<Configuration, 'preset' | 'seed'>>

const schema = configurationSchema.omit({ preset: true, seed: true }).partial()

/** The option of commands that read the file. */
export const tunedOption = () =>
  new Option('--tuned <file>', 'take the configuration that `rationale tune --tuned <file>` found').argParser(
    filled,
  )

/** Writes the file, and prints that. */
export async function writeTuned(
  file: string,
  configuration: TunedConfiguration,
  signal: AbortSignal,
): Promise<void> {
  await replaceFile(file, [`${JSON.stringify(configuration, null, 2)}\n`], { signal })
  say(`Wrote ${file}`)
}

/**
 * Reads such a file; without a file the result is empty.
 * @throws {Error} naming the file, and the invalid field with its rule and value
 */
export async function readTuned(file: string | undefined): Promise<TunedConfiguration> {
  if (file === undefined) return {}
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new Error(`cannot read ${file}: ${fileProblem(error)}`, { cause: error })
  })
  const parsed = schema.safeParse(parseJson(file, text), { reportInput: true })
  // JSON cannot hold undefined, so no field is undefined.
  if (parsed.success) return parsed.data as TunedConfiguration
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `there is no field named ${issue.keys.join(' or ')}`
    const field = issue.path.join('.')
    return field === ''
      ? 'it has to be an object, such as {"factors": 64}'
      : `${field} must be ${issue.message}, not ${JSON.stringify(issue.input)}`
  })
  throw new Error(
    `${file} is no tuned configuration: ${problems.join('; ')}; \`rationale tune --tuned ${file}\` writes one`,
  )
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is no JSON (${(error as Error).message})`, { cause: error })
  }
}
