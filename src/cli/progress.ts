import { SingleBar } from 'cli-progress'
import { printable, takesEscapes } from './plain-text.ts'

/** Milliseconds between two lines of progress without a terminal. */
const QUIET_MS = 5000

interface Progress {
  update(done: number): void
  stop(): void
}

/** Prints a line on stderr: stdout is for results. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`)
}

/**
 * A progress bar on a terminal that can show one, elsewhere a line from time to time.
 * @param total  the value of `done` at the end
 */
export function showProgress(label: string, total: number): Progress {
  return takesEscapes(process.stderr) ? bar(label, total) : lines(label, total)
}

function bar(label: string, total: number): Progress {
  const progress = new SingleBar({
    format: `${label} {bar} {percentage} %  {eta_formatted} to go`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    hideCursor: true,
  })
  progress.start(total, 0)
  return {
    update: (done) => progress.update(done),
    stop: () => progress.stop(),
  }
}

function lines(label: string, total: number): Progress {
  let lastLine = Date.now()
  return {
    update: (done) => {
      if (Date.now() - lastLine < QUIET_MS) return
      lastLine = Date.now()
      say(`${label} ${Math.round((100 * done) / total)} %`)
    },
    stop: () => {},
  }
}
