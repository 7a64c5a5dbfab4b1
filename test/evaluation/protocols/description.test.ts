import { expect, test } from 'vitest'
import { PROTOCOL_DESCRIPTIONS } from '../../../src/evaluation/protocols/description.ts'

test.each(Object.entries(PROTOCOL_DESCRIPTIONS))(
  '%s says what it does not answer, and its sources',
  (_, text) => {
    expect(text).toMatch(/\b(not|nothing|None)\b/)
    expect(text).toMatch(/doi:10\.|arXiv:\d{4}\.\d{4,5}/)
    expect(text).not.toMatch(/\n/)
  },
)
