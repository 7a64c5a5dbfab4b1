import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/**
 * Starts a headless Chromium: $CHROMIUM, else the one on the path, else Debian's. Null where there is none, which it
 * says aloud: tests that need it are to be skipped. `.ci/run` installs it where it can.
 */
export async function openChromium(): Promise<Browser | null> {
  const executablePath = found()
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
