import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { preview } from 'vite'
import { afterAll } from 'vitest'
import { runChild } from '../child-process.ts'

export const storefront = join(import.meta.dirname, '../../examples/storefront')

/** What codegen writes for the server's --trusted-documents, beside the code that is typed by the same documents. */
export const persistedDocuments = join(storefront, 'src/gql/persisted-documents.json')

/** Stricter than a shop needs: nothing of the page's may be inline, and nothing may come from elsewhere. */
const CONTENT_SECURITY_POLICY = "default-src 'self'; frame-ancestors 'none'"

export interface Site {
  readonly url: string
  /** Breaks every connection off, as when a cable is pulled. */
  cut(): void
}

/** Generates, checks and builds the page by its own script; gives the folder. */
export function buildStorefront(): Promise<string> {
  return built('npm', 'run', 'build', '--')
}

/** Builds it once more, to ask by ids: from what buildStorefront() generated. */
export function buildTrustedStorefront(): Promise<string> {
  return built('npx', 'vite', 'build', '--mode', 'trusted')
}

async function built(command: string, ...words: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'storefront-'))
  folders.push(folder)
  const env = { ...process.env, NODE_ENV: 'production' }
  await runChild(command, [...words, '--outDir', folder], { cwd: storefront, env })
  return folder
}

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

/**
 * Serves a built page as `npm run preview` does, with its requests to /graphql passed on to a server.
 * @param signingKey  with which the shop's server signs customer tokens; left out: it signs none
 */
export async function serveStorefront(folder: string, server: string, signingKey = ''): Promise<Site> {
  process.env['RATIONALE_URL'] = new URL(server).origin
  process.env['RATIONALE_SIGNING_KEY'] = signingKey
  const site = await preview({
    root: storefront,
    logLevel: 'silent',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0, headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } },
  })
  const cut = () => (site.httpServer as import('node:http').Server).closeAllConnections()
  afterAll(() => {
    cut()
    return site.close()
  })
  return { url: site.resolvedUrls!.local[0], cut }
}
