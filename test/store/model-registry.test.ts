import { temporaryFile } from '../explanations/writer.ts'
import { modelRegistryContract } from './model-registry-contract.ts'

modelRegistryContract(() => temporaryFile('store.sqlite'))
