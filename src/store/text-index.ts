/**
 * Text search by words, with SQLite's FTS5 in memory (https://sqlite.org/fts5.html). Words are runs of letters and
 * digits, so "bed_bath-table" has three; case and diacritics are ignored. All words of a search must be in a document, in
 * any of its texts; the last may be the beginning of a word, because it may still be being typed.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { Work } from '../kernels/work.ts'
import { IN_MEMORY, openSqlite } from './sqlite/database-file.ts'

/** A whole number of at least 0, and as many texts as the index has weights. */
export type TextDocument = readonly [id: number, ...texts: string[]]

export interface TextMatch {
  readonly id: number
  /** BM25, above 0: higher for rare words and for a greater part of the document. */
  readonly score: number
}

/** A run of letters, digits and their marks. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu

/** The most words of a search; further ones are ignored. */
const MOST_WORDS = 32

/** Milliseconds of adding documents between two pauses. */
const SLICE = 8

/** The number of documents checked between two pauses, at about 2 µs each. */
const PIECE = 500

/** Texts that can be searched. */
export class TextIndex {
  readonly #database: DatabaseSync
  readonly #add: StatementSync
  readonly #matches: () => StatementSync
  /** Statements that no search is reading from. */
  readonly #idle: StatementSync[] = []

  private constructor(weights: readonly number[]) {
    const columns = weights.map((_, text) => `text${text}`).join()
    // No content: only the words are stored. Prefixes of one and two letters have their own index.
    this.#database = openSqlite(IN_MEMORY, (database) =>
      database.exec(
        `CREATE VIRTUAL TABLE documents USING
             fts5(${columns}, content='', prefix='1 2', tokenize='unicode61 remove_diacritics 2')`,
      ),
    )
    this.#add = this.#database.prepare(
      `INSERT INTO documents (rowid, ${columns}) VALUES (?, ${weights.map(() => '?').join()})`,
    )
    // In document order: sorting thousands by score would block the thread for too long.
    this.#matches = () =>
      this.#idle.pop() ??
      this.#database.prepare(
        `SELECT rowid AS id, -bm25(documents, ${weights.join()}) AS score FROM documents WHERE documents MATCH ?`,
      )
  }

  /**
   * Indexes documents, with pauses for other work.
   * @param weights  the weight of a word in each text of a document, at least 0
   */
  static async of(weights: readonly number[], documents: Iterable<TextDocument>): Promise<TextIndex> {
    const index = new TextIndex(weights)
    index.#database.exec('BEGIN')
    let since = performance.now()
    for (const document of documents) {
      index.#add.run(...document)
      if (performance.now() - since < SLICE) continue
      await setImmediate()
      since = performance.now()
    }
    index.#database.exec('COMMIT')
    return index
  }

  /**
   * The `limit` best documents that contain all words and pass the filter; of equal scores the lower id comes first. Any
   * text is valid: characters other than letters and digits only separate words. Without a word nothing is found.
   * @param work  limits its time, with pauses for other work
   */
  async search(
    text: string,
    limit: number,
    filter: (id: number) => boolean = () => true,
    work: Work = new Work(),
  ): Promise<TextMatch[]> {
    const words = text.match(WORD)?.slice(0, MOST_WORDS) ?? []
    if (words.length === 0 || limit <= 0) return []
    const allWords = `${words.map((word) => `"${word}"`).join(' ')}*`
    const statement = this.#matches()
    const matches = statement.iterate(allWords) as Iterable<unknown> as Iterable<TextMatch>
    const rest = matches[Symbol.iterator]()
    let best: TextMatch[] = []
    const cut = () => (best = best.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, limit))
    try {
      for (let hasMore = true; hasMore; ) {
        const turn = work.pause()
        if (turn) await turn
        hasMore = work.time(() => {
          for (let looked = 0; looked < PIECE; looked++) {
            const { done, value } = rest.next()
            if (done) return false
            if (filter(value.id)) best.push({ id: value.id, score: value.score })
          }
          if (best.length > 2 * limit + PIECE) cut()
          return true
        })
      }
      return work.time(cut)
    } finally {
      rest.return?.()
      this.#idle.push(statement)
    }
  }

  /** Releases the memory. */
  close(): void {
    this.#database.close()
  }
}
