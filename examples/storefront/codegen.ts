import type { CodegenConfig } from '@graphql-codegen/cli'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

const config: CodegenConfig = {
  // What the server's code says: `npm run check` at the root fails where the file is behind it.
  schema: '../../schema/schema.graphql',
  documents: 'src/*.tsx',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'readFragment' },
        // Makes persisted-documents.json, for the server's --trusted-documents.
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      // urql's cache needs __typename everywhere. Added here, it is in the persisted documents too.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: { useTypeImports: true, scalars: { DateTime: 'string' } },
    },
  },
  importExtension: '.ts',
}

export default config
