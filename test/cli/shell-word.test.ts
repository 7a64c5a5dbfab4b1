import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shellWord } from '../../src/cli/shell-word.ts'
import { runChildNow } from '../child-process.ts'

describe('a path in a command to copy', () => {
  test('stands as it is where it can', () => {
    expect(shellWord('models/shop-1.model.sqlite', 'linux')).toBe('models/shop-1.model.sqlite')
    expect(shellWord(String.raw`C:\shop\shop.sqlite`, 'win32')).toBe(String.raw`C:\shop\shop.sqlite`)
  })

  test('stands in quotation marks where it holds what a shell would read', () => {
    expect(shellWord('my shop.sqlite', 'linux')).toBe("'my shop.sqlite'")
    expect(shellWord('my shop.sqlite', 'win32')).toBe('"my shop.sqlite"')
  })

  test.skipIf(process.platform === 'win32')(
    'is read by sh as it was (Windows, which has none, skips this)',
    () => {
      const path = fc.string({ minLength: 1, unit: fc.constantFrom(...`ab/. '"$\\\`*;&é~!`) })
      fc.assert(
        fc.property(path, (text) => {
          expect(runChildNow('sh', ['-c', `printf %s ${shellWord(text)}`]).stdout).toBe(text)
        }),
        { numRuns: 50 },
      )
    },
  )
})
