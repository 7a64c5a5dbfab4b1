/**
 * Takes the pictures of the documents: npm run screenshots -- --out DIR
 *
 * Starts the demo shop as `npm start` does, builds and serves the storefront in front of it, and takes the page in
 * Chromium. Fails where there is no Chromium; a picture is written only once it is whole.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { preview } from 'vite'
import { replaceFile } from '../../src/files/output-file.ts'
import { type Child, endChild, runChild, startChild } from '../child-process.ts'
import { openChromium } from './chromium.ts'

const root = join(import.meta.dirname, '../..')
const storefront = join(root, 'examples/storefront')

await new Command('screenshots')
  .description('takes the pictures of the documents')
  .requiredOption('--out <dir>', 'folder for storefront.png')
  .action(({ out }: { out: string }) => takeScreenshots(out))
  .parseAsync()

async function takeScreenshots(out: string): Promise<void> {
  const chromium = await openChromium()
  if (chromium === null) throw new Error('no Chromium: install it, or name it by the variable CHROMIUM')
  const built = await mkdtemp(join(tmpdir(), 'storefront-'))
  const shop = startChild(process.execPath, ['bin/rationale.js', 'serve', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await runChild('npm', ['run', 'build', '--', '--outDir', built], {
      cwd: storefront,
      env: { ...process.env, NODE_ENV: 'production' },
    })
    process.env['RATIONALE_URL'] = new URL(await addressOf(shop)).origin
    const site = await preview({
      root: storefront,
      logLevel: 'silent',
      build: { outDir: built },
      preview: { host: '127.0.0.1', port: 0 },
    })
    const page = await chromium.newPage({ viewport: { width: 1200, height: 1400 }, colorScheme: 'light' })
    await page.goto(new URL('/?customer=customer-1', site.resolvedUrls?.local[0]).href)
    await page.locator('[aria-busy=false]').waitFor()
    await page.evaluate('document.fonts.ready')
    const cards = page.getByRole('article')
    for (const card of [0, 1, 2]) await cards.nth(card).getByText('Why am I seeing this?').click()
    await page.mouse.move(0, 0)
    // The first row of the list, from above its heading.
    const { y: top } = (await page.getByRole('heading', { level: 1 }).boundingBox())!
    const { y, height } = (await cards.first().boundingBox())!
    const clip = { x: 0, y: top - 24, width: 1200, height: y + height - top + 48 }
    const picture = await page.screenshot({ animations: 'disabled', clip })
    await mkdir(out, { recursive: true })
    await replaceFile(join(out, 'storefront.png'), [picture])
    await site.close()
  } finally {
    await Promise.all([chromium.close(), endChild(shop), rm(built, { recursive: true })])
  }
}

/** What the server prints once it answers. */
async function addressOf({ stdout }: Child): Promise<string> {
  for await (const line of createInterface(stdout)) return line
  throw new Error('the demo shop ended before it served')
}
