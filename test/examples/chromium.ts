import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** How long an installation may take, in seconds; another test file may be at it already. */
const PATIENCE = 240

/**
 * Starts a headless Chromium: $CHROMIUM, else the one on the path, else Debian's, which is installed where this runs as
 * root. Null where there is none and none can be had, which it says aloud: tests that need it are to be skipped.
 */
export async function openChromium(): Promise<Browser | null> {
  const executablePath = found() ?? (installed() ? found() : undefined)
  if (executablePath === undefined) {
    console.warn(
      'NO BROWSER: tests in Chromium are SKIPPED. Install it, or name it by the variable CHROMIUM.',
    )
    return null
  }
  // Chromium refuses its sandbox to root.
  return await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
}

function found(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env
  if (CHROMIUM) return CHROMIUM
  const places = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...places, '/usr/bin/chromium'].find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether Debian's Chromium is there now. Test files run at once, of which one installs it and the others wait. */
function installed(): boolean {
  if (process.getuid?.() !== 0) return false
  console.warn('No Chromium here: installing Debian’s, for the tests.')
  const lock = join(tmpdir(), 'rationale-chromium.lock')
  const install = 'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy chromium'
  try {
    const script = `command -v chromium || (${install})`
    execFileSync('timeout', [`${PATIENCE}`, 'flock', lock, 'sh', '-c', script], { stdio: 'pipe' })
    return true
  } catch (error) {
    console.warn(`Chromium could not be installed: ${(error as Error).message}`)
    return false
  }
}
