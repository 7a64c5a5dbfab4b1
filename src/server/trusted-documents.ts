import { readFile } from 'node:fs/promises'
import { parse, specifiedRules, validate } from 'graphql'
import { z } from 'zod'
import { schema } from '../graphql/schema.ts'
import { documentSizeRule } from './document-size.ts'
import { FiniteNumbersRule } from './finite-numbers.ts'
import { type Limits, limitsOf } from './limits.ts'

/** The texts of the documents that are answered, by id. */
export type TrustedDocuments = ReadonlyMap<string, string>

const shape = z.record(z.string(), z.string())

/**
 * Reads the documents that a server answers: a JSON object of texts by id, as GraphQL Code Generator's client preset
 * writes it (`persistedDocuments`).
 * @param limits  the server's limits, which the documents must not exceed; left out: the environment's
 * @throws {Error} naming what is wrong with the file, or every invalid document
 */
export async function readTrustedDocuments(file: string, limits = limitsOf()): Promise<TrustedDocuments> {
  const documents = new Map(Object.entries(await readTexts(file)))
  if (documents.size === 0) throw new Error(`${file} holds no documents: the server would answer nothing`)
  const problems = [...documents].flatMap(([id, text]) =>
    problemsOf(text, limits).map((problem) => `  ${id}: ${problem}`),
  )
  if (problems.length > 0) {
    throw new Error(`${file} holds invalid documents:\n${problems.join('\n')}`)
  }
  return documents
}

async function readTexts(file: string): Promise<Record<string, string>> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError
        ? 'it is not a JSON object of documents by id, as { "5d41…": "query …" }'
        : `${(cause as Error).message}; check the path, and that codegen ran with "persistedDocuments"`
    throw new Error(`cannot read the trusted documents in ${file}: ${reason}`, { cause })
  }
}

function problemsOf(text: string, limits: Limits): string[] {
  try {
    const document = parse(text, { maxTokens: limits.tokens })
    return validate(schema, document, [...specifiedRules, FiniteNumbersRule, documentSizeRule(limits)]).map(
      ({ message }) => message,
    )
  } catch (error) {
    return [(error as Error).message]
  }
}
