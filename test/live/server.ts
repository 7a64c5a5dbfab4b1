/** A server of the real program over a store, and what tests ask it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Run, start } from '../cli/program.ts'

const TOKEN = 'a-token-of-sixteen-letters'

/** A server that runs. */
export interface LiveServer extends Run {
  /** The data of an answer. @throws {Error} with its errors */
  ask(query: string, variables?: object): Promise<any>
  /** Ends it as Ctrl-C does. @returns its exit code */
  stop(): Promise<number | null>
}

/** Starts `rationale serve <options>` on a free port. */
export async function serve(options: string, environment: Record<string, string> = {}): Promise<LiveServer> {
  const run = start(`serve ${options} --port 0`, { RATIONALE_TOKEN: TOKEN, ...environment })
  const url = (await run.printed('/graphql\n')).trim()
  return {
    ...run,
    async ask(query, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await response.json()) as { data: any; errors?: { message: string }[] }
      if (errors) throw new Error(errors.map(({ message }) => message).join('\n'))
      return data
    },
    async stop() {
      run.process.kill('SIGTERM')
      return (await run.finished).code
    },
  }
}

/** Waits until something is so, asking again and again. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}

/** The version that a server answers with. */
export const versionOf = async ({ ask }: LiveServer): Promise<string> =>
  (await ask('{ modelInfo { version } }')).modelInfo.version
