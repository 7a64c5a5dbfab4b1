import type { Dataset } from '../data/dataset.ts'
import { balanceOf, segmentsAt, segmentsNow } from './balance.ts'
import type { Cohort } from './cohort.ts'
import { pastCohort, orderHistory } from './cohort.ts'
import { cupedSaving } from './cuped.ts'
import { armsOf, expectWeeks, factsOf } from './data-facts.ts'
import { openDistributions } from './distributions.ts'
import type { Measured } from './estimates.ts'
import type { ExperimentDesign, MetricBaseline, OfflineEvidence, SampleSize } from './experiment-design.ts'
import { guardrailsOf } from './guardrails.ts'
import { metricBaseline, measurePrimary } from './primary-metric.ts'
import { replay } from './replays.ts'
import type { DesignRequest } from './request.ts'
import { checkRequest, LONGEST_WEEKS } from './request.ts'
import type { Intake } from './sample-plan.ts'
import { samplePlan, shownAfter } from './sample-plan.ts'
import { alphaPerComparison } from './split.ts'
import { customersWithin, measureTraffic, scaleTraffic } from './traffic.ts'
import { verdictOn } from './verdict.ts'

/** The weeks in the table of smallest effects, in addition to the most that fit and those asked for. */
const TABLE_WEEKS = [2, 4, 8, 12]

interface DesignOptions {
  readonly evidence?: OfflineEvidence
  readonly signal?: AbortSignal
}

/**
 * Designs an A/B test from a shop's past. The same data and request give the same design.
 * @throws {DesignError} for an invalid request, and for data that is not enough for it
 * @throws the reason of `signal`, if it aborts
 */
export async function designExperiment(
  dataset: Dataset,
  request: DesignRequest,
  { evidence, signal }: DesignOptions = {},
): Promise<ExperimentDesign> {
  checkRequest(request)
  await openDistributions()
  const { primary, window, split, salt } = request
  const history = orderHistory(dataset.orders, dataset.customers.size)
  const whole = expectWeeks(dataset, history, window)
  const cohort = pastCohort(dataset, history, whole, window)
  const customers = measureTraffic(history, whole)
  const measured = measurePrimary(primary, cohort)
  const metric = metricBaseline(request, measured, cohort)
  const isConversion = primary === 'conversion'
  const intake: Intake = {
    traffic: isConversion ? scaleTraffic(customers, 1 / metric.value) : customers,
    followUp: isConversion ? 1 : window,
  }
  const verdict = verdictOn({ request, metric, intake, cohort, customers })
  const inTest = Math.floor(customersWithin(verdict.planned.weeks, customers))
  return {
    request,
    data: factsOf(dataset, history, whole),
    verdict,
    evidence: evidence ?? null,
    arms: armsOf(request),
    randomisation: {
      balance: balanceOf(dataset, segmentsNow(dataset), salt, split),
      replays: await replayPast(dataset, request, cohort, measured, signal),
    },
    metric,
    sampleSize: sampleSizeOf(request, metric, intake, cohort, measured),
    guardrails: guardrailsOf(cohort, dataset, inTest, request),
  }
}

function sampleSizeOf(
  request: DesignRequest,
  metric: MetricBaseline,
  intake: Intake,
  cohort: Cohort,
  measured: Measured | undefined,
): SampleSize {
  const { weeks, minimumEffect, alpha, split } = request
  const fitting = LONGEST_WEEKS - intake.followUp
  const inTable = [
    ...TABLE_WEEKS.filter((some) => some < fitting),
    fitting,
    ...(weeks === undefined ? [] : [weeks]),
  ]
  const tableWeeks = [...new Set(inTable)].sort((a, b) => a - b)
  const drawn = Array.from({ length: tableWeeks.at(-1)! - 1 }, (_, i) => i + 2)
  const shown = (after: number) => shownAfter(after, metric, request, intake)
  const cuped = measured && cupedSaving(cohort, measured.contributions)
  return {
    traffic: intake.traffic,
    alphaPerComparison: alphaPerComparison(alpha, split),
    shown: tableWeeks.map(shown),
    curve: drawn.map((after) => {
      const { weeksToResult, smallestEffect } = shown(after)
      return { weeks: after, weeksToResult, smallestEffect }
    }),
    cuped: cuped
      ? { ...cuped, asked: samplePlan(metric, minimumEffect, request, intake, cuped.saving) }
      : null,
  }
}

/** A/A replays of the primary metric, or of repeat purchases if the data does not hold it. */
async function replayPast(
  dataset: Dataset,
  { primary, salt, split, alpha }: DesignRequest,
  cohort: Cohort,
  measured: Measured | undefined,
  signal?: AbortSignal,
): Promise<ExperimentDesign['randomisation']['replays']> {
  const { codes } = segmentsAt(dataset, cohort.intakeStart)
  const replays = await replay({
    ids: Array.from(cohort.customer, (customer) => dataset.customers.at(customer)),
    contributions: measured?.contributions ?? cohort.orderedAgain,
    segments: Int32Array.from(cohort.customer, (customer) => codes[customer]),
    salt,
    split,
    alpha,
    ...(signal && { signal }),
  })
  return { metric: measured ? primary : 'repeat-purchase-rate', ...replays }
}
