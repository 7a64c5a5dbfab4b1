/** A search among many made-up products: what it takes to open, the memory of each product, and the time of a query. */
import { runBenchFile } from '../child.ts'
import type { ProductsRun, ProductsSettings } from './products-run.ts'

export interface ProductsOptions extends Omit<ProductsSettings, 'threads'> {
  readonly threads: readonly number[]
}

export interface ProductsRow extends ProductsRun {
  readonly settings: ProductsSettings
}

/** One run a number of threads, each in a process of its own. */
export async function benchProducts({ threads: counts, ...fixed }: ProductsOptions): Promise<ProductsRow[]> {
  const rows: ProductsRow[] = []
  for (const threads of counts) {
    const settings = { ...fixed, threads }
    console.error(`${fixed.products} products × ${fixed.factors}, ${threads} threads`)
    rows.push({ settings, ...(await runBenchFile<ProductsRun>('scale/products-run.ts', settings)) })
  }
  return rows
}

export function describeProducts(rows: readonly ProductsRow[]): string[] {
  return rows.flatMap(({ settings: { products, factors, k, threads }, ...run }) => [
    `${products} products × ${factors} factors, top ${k}, ${threads} threads: opened in ` +
      `${run.openSeconds.toFixed(1)} s (${run.openProcessorSeconds.toFixed(1)} s of the processor), ${(run.bytes / 2 ** 30).toFixed(2)} GiB, ` +
      `${(run.bytes / products).toFixed(0)} bytes a product`,
    ...run.batches.map(
      ({ queries, additions, milliseconds, processorMilliseconds }) =>
        `  ${queries} ${queries === 1 ? 'query' : 'queries together'}${additions ? ', with additions' : ''}: ` +
        `${milliseconds.toFixed(1)} ms, ${processorMilliseconds.toFixed(1)} ms of the processor`,
    ),
  ])
}
