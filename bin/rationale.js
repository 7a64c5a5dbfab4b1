#!/usr/bin/env node
// Syntax that Node 16 still parses, so that an old Node answers with the sentence below and not a SyntaxError.
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `error: rationale needs Node 22.18 or newer; this is Node ${process.versions.node}. ` +
      'Install a newer Node, or in a clone use the one that npm ci brought: npx rationale-engine …',
  )
  process.exitCode = 1
} else {
  // Node keeps what it compiled in its cache folder: the next start takes half the time.
  module.enableCompileCache()
  // A clone runs its sources. Node strips no types inside node_modules, so the npm package carries dist/ instead.
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : '../dist/cli/main.js')
  process.exitCode = await main(process.argv.slice(2))
}
