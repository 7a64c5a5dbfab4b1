import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import {
  type ExplainerSettings,
  openExplainer,
  type OpenExplainer,
} from '../../src/explanations/open-explainer.ts'
import type { Log } from '../../src/store/explanation-store.ts'
import type { OpenAiServer } from './openai-server.ts'

/** A log that can be looked at. */
export interface Lines extends Log {
  readonly lines: { readonly level: 'info' | 'warn'; readonly message: string; readonly details: object }[]
}

export function keptLog(): Lines {
  const lines: Lines['lines'] = []
  return {
    lines,
    info: (details, message) => lines.push({ level: 'info', message, details }),
    warn: (details, message) => lines.push({ level: 'warn', message, details }),
  }
}

const root = mkdtempSync(join(tmpdir(), 'rationale-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A file in an empty folder that lives as long as the tests of this file. */
export function temporaryFile(name: string): string {
  return join(mkdtempSync(join(root, 'folder-')), name)
}

/** Seconds, more than any test runs: how busy the machine is decides nothing. */
export const NO_LIMIT = 600

/** Of the server's own kind: one retry, no time limit, a dollar a million tokens. */
export function settingsFor(
  server: OpenAiServer,
  settings: Partial<ExplainerSettings> = {},
): ExplainerSettings {
  return {
    model: 'test-model',
    baseUrl: server.url,
    apiKey: 'test-key',
    retries: 1,
    timeout: NO_LIMIT,
    concurrency: 4,
    daily: { tokens: 1_000_000, money: 1 },
    price: { input: 1, output: 1 },
    store: null,
    ...settings,
  }
}

/** An explainer that asks the server. */
export function writerFor(
  server: OpenAiServer,
  settings: Partial<ExplainerSettings> = {},
  log: Log = keptLog(),
): Promise<OpenExplainer> {
  return openExplainer(settingsFor(server, settings), log)
}
