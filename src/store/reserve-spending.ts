/** One statement that reserves part of a budget, for all processes that count in the same table. */
import { sql } from 'kysely'
import type { Queries } from './database.ts'

/** The cost of a day, or of a call. */
export interface Spending {
  readonly tokens: number
  /** The amount, in the currency of the language model's prices. */
  readonly money: number
}

/**
 * Adds a cost to what a day has cost, unless that is more than `most` then; it gives a row if it was added. What is
 * reserved counts as spent until it is settled: a process that dies before may have been charged for it. Negative amounts
 * in the table count as 0, as in `ExplanationStore.spent`.
 * @param cost  at most `most`
 */
export function reserveSpending(queries: Queries, day: string, cost: Spending, most: Spending) {
  const total = (name: 'tokens' | 'money') => {
    const spent = sql.ref<number>(`spending.${name}`)
    return sql<number>`case when ${spent} > 0 then ${spent} else 0 end + ${real(cost[name])}`
  }
  return queries
    .insertInto('spending')
    .values({ day, tokens: real(cost.tokens), money: real(cost.money) })
    .onConflict((conflict) =>
      conflict
        .column('day')
        .doUpdateSet({ tokens: total('tokens'), money: total('money') })
        .where(total('tokens'), '<=', real(most.tokens))
        .where(total('money'), '<=', real(most.money)),
    )
    .returning('day')
}

/** PostgreSQL has to be told the type of a number. */
const real = (value: number) => sql<number>`cast(${value} as double precision)`
