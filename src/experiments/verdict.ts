import type { Cohort } from './cohort.ts'
import type { Baseline } from './effect-size.ts'
import type { Verdict } from './experiment-design.ts'
import type { PrimaryMetric } from './metric-definitions.ts'
import { METRIC_DEFINITIONS, PRIMARY_METRICS } from './metric-definitions.ts'
import { measurePrimary } from './primary-metric.ts'
import type { DesignRequest } from './request.ts'
import { LONGEST_WEEKS } from './request.ts'
import type { Intake } from './sample-plan.ts'
import { samplePlan, shownAfter } from './sample-plan.ts'
import type { Traffic } from './traffic.ts'
import { scaleTraffic } from './traffic.ts'

/** The conversion rate that is assumed if none was measured; the report calls it an assumption. */
const ASSUMED_CONVERSION = 0.02

interface Question {
  readonly request: DesignRequest
  readonly metric: Baseline
  readonly intake: Intake
  readonly cohort: Cohort
  /** The traffic of customers who order. */
  readonly customers: Traffic
}

/** Whether this shop can make the test, and what it could do instead. */
export function verdictOn(question: Question): Verdict {
  const { request, metric, intake } = question
  const asked = samplePlan(metric, request.minimumEffect, request, intake)
  const isFeasible = asked.weeksToResult !== null && asked.weeksToResult <= LONGEST_WEEKS
  const fitting = LONGEST_WEEKS - intake.followUp
  const weeks = request.weeks ?? (isFeasible ? asked.weeks! : fitting)
  const isShort = isFeasible && weeks < asked.weeks!
  return {
    outcome: isShort ? 'longer' : isFeasible ? 'yes' : 'no',
    isFeasible,
    asked,
    planned: shownAfter(weeks, metric, request, intake),
    longest: shownAfter(fitting, metric, request, intake),
    otherMetrics: otherMetrics(question),
    visitors: request.primary === 'conversion' ? null : visitorPlan(question),
  }
}

function otherMetrics({ request, cohort, customers }: Question): Verdict['otherMetrics'] {
  const { primary, minimumEffect, window } = request
  const planOf = (metric: PrimaryMetric) => {
    const measured = metric === primary ? undefined : measurePrimary(metric, cohort)
    if (measured === undefined || !(measured.value > 0) || !(measured.variance > 0)) return []
    const { value, variance } = measured
    const { kind } = METRIC_DEFINITIONS[metric]
    if (kind === 'proportion' && value * (1 + minimumEffect) > 1) return []
    const intake = { traffic: customers, followUp: window }
    return [
      { metric, baseline: value, ...samplePlan({ kind, value, variance }, minimumEffect, request, intake) },
    ]
  }
  return PRIMARY_METRICS.flatMap(planOf).sort((a, b) => a.customers - b.customers)
}

function visitorPlan({ request, customers }: Question): Verdict['visitors'] {
  const value = ASSUMED_CONVERSION
  const baseline: Baseline = { kind: 'proportion', value, variance: value * (1 - value) }
  if (value * (1 + request.minimumEffect) > 1) return null
  const intake = { traffic: scaleTraffic(customers, 1 / value), followUp: 1 }
  return { assumedConversion: value, ...samplePlan(baseline, request.minimumEffect, request, intake) }
}
