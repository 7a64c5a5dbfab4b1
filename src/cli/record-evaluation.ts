import type { Dataset } from '../data/dataset.ts'
import type { EvaluationReport } from '../evaluation/evaluation-report.ts'
import type { ProtocolName } from '../evaluation/protocols/description.ts'
import { recordedSummary } from '../evaluation/recorded-summary.ts'
import type { Configuration } from '../model/configuration.ts'
import { configure } from '../model/configuration.ts'
import type { RecordedProtocol } from '../model/evaluation-summary.ts'
import { RECORDED_PROTOCOLS } from '../model/evaluation-summary.ts'
import { openModel } from '../model/model-file.ts'
import { recordEvaluation } from '../model/record-evaluation.ts'
import { say } from './progress.ts'

/** The model file that an evaluation is recorded in. */
export interface Recording {
  /** The configuration to evaluate: the model's own. */
  readonly configuration: Configuration
  /** What readers of the report must know about it. */
  readonly notes: readonly string[]
  /** @throws {Error} unless the model was trained on these data */
  expectData(dataset: Dataset): void
  /** Writes the summary of the report into the file, and prints that. */
  write(report: EvaluationReport, evaluatedWith: string, signal: AbortSignal): Promise<void>
}

/**
 * Checks before the work that its result can be recorded.
 * @throws {Error} if the protocol's figures are not about a model, or the file is not a model or cannot be written
 */
export async function openRecording(file: string, protocol: ProtocolName): Promise<Recording> {
  if (!isRecorded(protocol)) {
    throw new Error(
      `--record does not go with --protocol ${protocol}, whose figures say nothing of a model: choose another protocol`,
    )
  }
  const { summary } = await openModel(file)
  // Settings that training chose on all of the data know the purchases to be found: they are chosen anew without them.
  const { configuration: fitted, asked = fitted } = summary
  return {
    configuration: asked,
    notes: notesOn(asked),
    expectData({ fingerprint }) {
      if (fingerprint === summary.dataFingerprint) return
      throw new Error(
        `cannot record in ${file}: its model was trained on other data (sha256:${summary.dataFingerprint}) than these ` +
          `(sha256:${fingerprint}); name the --data it was trained on, or train it on these`,
      )
    },
    async write(report, evaluatedWith, signal) {
      const evaluation = recordedSummary(report, protocol, evaluatedWith)
      await recordEvaluation(file, summary.tensorHash, evaluation, { signal })
      say(`Recorded in ${file}`)
    },
  }
}

function isRecorded(protocol: ProtocolName): protocol is RecordedProtocol {
  return (RECORDED_PROTOCOLS as readonly string[]).includes(protocol)
}

/** The seed apart, by which every system with chance in it is run several times. */
function notesOn(configuration: Configuration): string[] {
  const usual = configure('default', { seed: configuration.seed })
  const different = Object.entries(configuration).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(usual[field as keyof Configuration]),
  )
  if (different.length === 0) return []
  const settings = different.map(([field, value]) => `${field} ${JSON.stringify(value)}`).join(', ')
  return [
    `The system named default has the configuration of the model that this is recorded in: ${settings}.`,
  ]
}
