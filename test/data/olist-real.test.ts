import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { readDataset } from '../../src/data/read.ts'
import { REAL_DATA } from './folders.ts'

const OLIST = join(REAL_DATA, 'olist')
const missing = !existsSync(OLIST)
if (missing) console.warn(`SKIPPED: ${OLIST} is missing, so nothing is checked on Olist’s real data`)

describe.skipIf(missing)(`Olist’s real data${missing ? ' (SKIPPED: it is missing)' : ''}`, () => {
  let dataset: Dataset

  beforeAll(async () => {
    dataset = await readDataset(OLIST, { countCancelled: true })
  })

  // 89 orders with 104 items are canceled.
  test('leaves out what was cancelled', async () => {
    const kept = await readDataset(OLIST)
    expect(kept.interactions.count).toBe(112_650 - 104)
    expect(kept.orders.count).toBe(98_666 - 89)
    expect(kept.cancelled?.count).toBe(89)
    expect(kept.products.size).toBe(32_951)
    expect(kept.customers.size).toBe(96_096)
    expect(kept.warnings).toBeUndefined()
  })

  test('has the counts of its README', () => {
    expect(dataset.interactions.count).toBe(112_650)
    expect(dataset.products.size).toBe(32_951)
    expect(dataset.orders.count).toBe(98_666)
    expect(dataset.customers.size).toBe(96_096)
    expect(new Set(dataset.interactions.customer).size).toBe(95_409)
    // Those who bought come first.
    expect(Math.max(...new Set(dataset.interactions.customer))).toBe(95_408)
  })

  test('has the 3,095 sellers of olist_sellers_dataset.csv, one for every item', () => {
    expect(dataset.sellers?.size).toBe(3095)
    expect(dataset.interactions.seller?.every((seller) => seller >= 0)).toBe(true)
    // The first row of the file.
    expect(dataset.sellers?.at(0)).toBe('48436dade18ac8b2bce089ec2a041202')
  })

  test('has 2,925 customers with two or more orders', () => {
    const orders = new Uint32Array(dataset.customers.size)
    for (const customer of dataset.orders.customer) orders[customer]++
    expect(orders.filter((count) => count > 1).length).toBe(2925)
  })

  test('has the label classes of the notebook: English names, and unknown for blank and untranslated ones', async () => {
    const { classes } = JSON.parse(await readFile(join(OLIST, 'notebook_content_parity.json'), 'utf8'))
    const { labels, untranslated } = dataset.category
    const translated = labels.filter((label) => !untranslated?.includes(label))
    expect([...translated, 'unknown'].sort()).toEqual(classes)
    expect(untranslated).toEqual(['pc_gamer', 'portateis_cozinha_e_preparadores_de_alimentos'])
    expect(dataset.category.codes.filter((code) => code < 0).length).toBe(610)
  })

  test('has the means of the notebook’s label-encoded features', async () => {
    const { classes, mean } = JSON.parse(await readFile(join(OLIST, 'notebook_content_parity.json'), 'utf8'))
    const { labels, codes, untranslated } = dataset.category
    const unknown = classes.indexOf('unknown')
    const encoded = labels.map((label) => (untranslated?.includes(label) ? unknown : classes.indexOf(label)))
    const sum = codes.reduce((total, code) => total + (code < 0 ? unknown : encoded[code]), 0)
    expect(sum / codes.length).toBeCloseTo(mean[0], 9)
  })

  test('has reviews for most orders, and deliveries mostly early', () => {
    const scores = [...(dataset.orders.reviewScore ?? [])].filter((score) => !Number.isNaN(score))
    expect(scores.length).toBeGreaterThan(90_000)
    expect(scores.every((score) => score >= 1 && score <= 5)).toBe(true)
    const delays = [...(dataset.orders.deliveryDelayDays ?? [])].filter((days) => !Number.isNaN(days))
    expect(delays.length).toBeGreaterThan(90_000)
    expect(delays.filter((days) => days < 0).length / delays.length).toBeGreaterThan(0.8)
  })
})
