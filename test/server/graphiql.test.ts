import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { exampleQueries } from '../../src/server/examples.ts'
import { serving } from '../api/serving.ts'
import { smallRecommender } from '../api/shop.ts'

const { url, ask } = await serving({ production: false })
const recommender = await smallRecommender()
const examples = exampleQueries(recommender.model)

const html = { headers: { Accept: 'text/html' } }

describe('GraphiQL', async () => {
  const response = await fetch(url, html)
  const page = await response.text()

  test('is a page of its own, that asks no other host for anything', () => {
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
    const beyondScripts = page.replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gs, '<$1></$1>')
    expect(page).not.toMatch(/<(script|link|img|iframe)\b[^>]*\b(src|href)\s*=\s*["']?(https?:)?\/\//)
    expect(beyondScripts).not.toMatch(/https?:/)
    expect(page).not.toMatch(/@import\s+(url\()?["']?https?:/)
  })

  test('may not ask another host: the browser is told so', () => {
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  test('opens with the example queries in tabs', () => {
    for (const query of examples) expect(page).toContain(JSON.stringify(query))
  })

  test('is not served in production', async () => {
    const production = await serving({ production: true })
    const answer = await fetch(production.url, html)
    expect(await answer.text()).not.toContain('GraphiQL')
  })
})

describe('the example queries', () => {
  test.each(examples.map((query) => [/query (\w+)/.exec(query)![1], query]))(
    '%s returns a real answer',
    async (_name, query) => {
      expect(query).toMatch(/^# /)
      expect(validate(schema, parse(query))).toEqual([])
      const { data, errors } = await ask(query)
      expect(errors).toBeUndefined()
      expect(JSON.stringify(data)).toMatch(/"edges":\[{/)
    },
  )

  test('cannot end the page’s script, whatever a shop calls its products', () => {
    const { model } = recommender
    const named = {
      ...model,
      products: { ...model.products, at: () => '</script><script>alert(1)</script>' },
    }
    for (const query of exampleQueries(named as typeof model)) expect(query).not.toContain('</script>')
  })
})
