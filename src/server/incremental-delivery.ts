/**
 * `@defer`: the response is sent in parts, each when it is ready. There are two formats. The older one (`path` in each
 * part: Apollo Client, urql, Relay) is sent unless `Accept` names the newer one (`multipart/mixed;
 * incrementalSpec=v0.2`: `pending` and `completed` with ids). A client that accepts neither parts nor events gets
 * everything in one response: a server may defer, but need not.
 */
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { experimentalExecuteIncrementally, legacyExecuteIncrementally } from '../graphql/graphql-versions.ts'

type MaskError = (error: unknown, message: string) => Error

/** The common parts of both formats. */
interface Parts {
  readonly initialResult: object
  readonly subsequentResults: AsyncGenerator<object, void, void>
}

interface Part {
  readonly errors?: readonly GraphQLError[]
}

const NEWER_FORMAT = /incrementalSpec=v0\.2/i
const READS_PARTS = /multipart\/(mixed|\*)|text\/event-stream|\*\/\*/i

/** Executes operations with `@defer` by graphql's own executors. @param maskError  for the errors of each part */
export function useIncrementalDelivery(maskError: MaskError): Plugin {
  return {
    onExecute({ args, setExecuteFn }) {
      const { request } = args.contextValue as { request: Request }
      // Only the name: GraphQL allows blanks and comments between @ and it.
      if (!args.document.loc?.source.body.includes('defer')) return
      const accept = request.headers.get('accept') ?? '*/*'
      const execute = NEWER_FORMAT.test(accept)
        ? experimentalExecuteIncrementally
        : legacyExecuteIncrementally
      if (execute === undefined || !READS_PARTS.test(accept)) {
        Object.assign(args, { document: withoutDefer(args.document) })
        return
      }
      setExecuteFn(async ({ signal, ...executionArgs }: ExecutionArgs & { signal?: AbortSignal }) => {
        const result = await execute({ ...executionArgs, abortSignal: signal })
        return 'initialResult' in result ? inParts(result, maskError) : result
      })
    },
  }
}

async function* inParts(
  { initialResult, subsequentResults }: Parts,
  maskError: MaskError,
): AsyncGenerator<ExecutionResult> {
  // Yoga masks the errors of a whole result, but not those inside parts.
  yield initialResult as ExecutionResult
  for await (const part of subsequentResults as AsyncGenerator<Record<string, unknown>, void, void>) {
    yield {
      ...part,
      ...masked('incremental', part, maskError),
      ...masked('completed', part, maskError),
    } as ExecutionResult
  }
}

/** The entries of a part under a key, with masked errors. */
function masked(key: string, part: Record<string, unknown>, maskError: MaskError): object {
  const entries = part[key] as Part[] | undefined
  if (entries === undefined) return {}
  const maskEntry = ({ errors, ...entry }: Part) =>
    errors === undefined
      ? entry
      : Object.assign(entry, { errors: errors.map((error) => maskError(error, 'Unexpected error.')) })
  return { [key]: entries.map(maskEntry) }
}

function withoutDefer(document: ExecutionArgs['document']): ExecutionArgs['document'] {
  return visit(document, { Directive: (node) => (node.name.value === 'defer' ? null : undefined) })
}
