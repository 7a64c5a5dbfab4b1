/** What documents point to is there: files, headings and scripts. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const documents = globSync(['*.md', 'docs/*.md', 'examples/**/*.md'], { cwd: root })
  .filter((file) => !file.includes('node_modules') && file !== 'CHANGELOG.md')
  .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const)

/** As GitHub makes an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

const anchorsOf = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading))

test('there are documents to look at', () => {
  expect(documents.map(([file]) => file)).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md']))
})

test.each(documents)('%s links to what is there', (file, text) => {
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
  const missing = links.filter(([, path, anchor]) => {
    const target = path === '' ? file : join(dirname(file), path)
    if (!existsSync(join(root, target))) return true
    return anchor !== undefined && !anchorsOf(readFileSync(join(root, target), 'utf8')).includes(anchor)
  })
  expect(missing.map(([link]) => link)).toEqual([])
})

test.each(documents)('%s names scripts and files that are there', (file, text) => {
  const manifests = ['package.json', join(dirname(file), 'package.json')].filter((manifest) =>
    existsSync(join(root, manifest)),
  )
  const scripts = new Set(
    manifests.flatMap((manifest) =>
      Object.keys(JSON.parse(readFileSync(join(root, manifest), 'utf8')).scripts),
    ),
  )
  const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name)
  expect(named.filter((name) => !scripts.has(name))).toEqual([])
  const paths = [...text.matchAll(/`((?:src|test|docs|bin|assembly)\/[\w./-]+)`/g)].map(([, path]) => path)
  // An example's are its own, some of them generated.
  const isOurs = !file.startsWith('examples')
  expect(paths.filter((path) => isOurs && !existsSync(join(root, path)))).toEqual([])
})
