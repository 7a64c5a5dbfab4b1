import { text } from 'node:stream/consumers'
import { BENCH_SECONDS, startChild } from '../child-process.ts'

/**
 * Runs a program to its end.
 * @returns the one JSON object it printed on stdout; its stderr is ours
 * @throws when it fails, with its command line
 */
export async function runForJson<T>(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<T> {
  const child = startChild(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
    lifetime: BENCH_SECONDS,
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code === 0 ? '' : (signal ?? `exit code ${code}`)))
  })
  const [output, failure] = await Promise.all([text(child.stdout), ended])
  if (failure !== '') throw new Error(`${[program, ...args].join(' ')} failed: ${failure}`)
  return JSON.parse(output)
}

/** Runs another file of the bench in a Node of its own: no code or memory warmed by the run before. */
export function runBenchFile<T>(file: string, settings: object): Promise<T> {
  return runForJson(process.execPath, [`${import.meta.dirname}/${file}`, JSON.stringify(settings)])
}
