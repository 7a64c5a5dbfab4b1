import { runChild } from '../../../child-process.ts'

/** The last version under this path that the Go module proxy serves. */
export const GORSE_VERSION = 'v0.4.16'
const MODULE = 'github.com/zhenghaoz/gorse'
const CHECKSUM = 'h1:ueL8Ao6M8bHFVbl/BlvAzU/hWKixSABr8ZgzrkBzK8I='

/**
 * Builds gorse's master, server and worker in one program, by the Go toolchain on the PATH: a minute or two, later
 * seconds.
 * @param program  the file to write
 * @throws where there is no Go, or the module cannot be had or is another than it was
 */
export async function buildGorse(program: string): Promise<void> {
  const { stdout } = await go(['mod', 'download', '-json', `${MODULE}@${GORSE_VERSION}`])
  const { Dir: folder, Sum: checksum } = JSON.parse(stdout)
  if (checksum !== CHECKSUM)
    throw new Error(`${MODULE}@${GORSE_VERSION} has the checksum ${checksum}, not ${CHECKSUM}`)
  // In its own folder, since its go.mod replaces modules: `go install` refuses that.
  await go(['build', '-C', folder, '-o', program, './cmd/gorse-in-one'])
}

async function go(args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await runChild('go', args, { lifetime: 3600 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error('there is no Go toolchain on the PATH to build it with', { cause })
  }
}
