import { afterAll, expect, test } from 'vitest'
import { FREE_TEXT_STYLE } from '../../src/explanations/free-text-style.ts'
import { explain } from '../../src/explanations/template.ts'
import { PROMISE, startOpenAiServer } from './openai-server.ts'
import { evidenceOf, taste, together } from './some-evidence.ts'
import { settingsFor, temporaryFile, writerFor } from './writer.ts'

const server = await startOpenAiServer()
afterAll(() => server.close())

const evidence = evidenceOf([taste(), together()])

test('free text is off by default', async () => {
  expect('style' in settingsFor(server)).toBe(false)
  server.behave('writing')
  const { explainer } = await writerFor(server)
  expect(explainer.source).toBe('LLM')
  const { text, source } = await explainer.explain(evidence, 'en')
  expect([text, source]).toEqual([explain(evidence).text, 'TEMPLATE'])
})

test('if it is on, the model’s text is used and marked as unverified', async () => {
  server.behave('writing')
  const { explainer } = await writerFor(server, { style: 'free', store: temporaryFile('store.sqlite') })
  expect(explainer.source).toBe('LLM_UNVERIFIED')
  const given = await explainer.explain(evidence, 'en')
  expect(given).toMatchObject({ text: PROMISE, source: 'LLM_UNVERIFIED', promptVersion: 'free-1' })
  expect(await explainer.explain(evidence, 'en')).toEqual(given)
  expect(explainer.counts).toMatchObject({ written: 1, cached: 1 })
})

test('a stored free text is not used for the style of clauses', async () => {
  server.behave('writing')
  const store = temporaryFile('store.sqlite')
  const free = await writerFor(server, { style: 'free', store })
  await free.explainer.explain(evidence, 'en')
  await free.close()
  server.behave('right')
  const { explainer } = await writerFor(server, { store })
  const { text, source } = await explainer.explain(evidence, 'en')
  expect(source).toBe('LLM')
  expect(text).not.toContain(PROMISE)
})

test.each([
  '<b>Oak</b> is here.',
  'See https://evil.example now.',
  'See evil.example now.',
  '[click](javascript:alert(1)).',
  'Two\nlines.',
  'No end',
  'a'.repeat(400),
  '',
])('its form is looked at, so that no markup and no link passes: %j', (text) => {
  const content = JSON.stringify({ sentences: [{ text, evidence: ['e1'] }] })
  expect(FREE_TEXT_STYLE.read(content, evidence, 'en')).toBeNull()
})

const citing = (ids: string[]) => JSON.stringify({ sentences: [{ text: 'Fine.', evidence: ids }] })

test('it cites evidence that there is', () => {
  expect(FREE_TEXT_STYLE.read(citing(['e9']), evidence, 'en')).toBeNull()
  expect(FREE_TEXT_STYLE.read(citing(['e1']), evidence, 'en')?.sentences).toEqual([
    { text: 'Fine.', evidence: ['e1'] },
  ])
})
