/** What an explainer has done since it was created, for metrics. */
export interface ExplanationCounts {
  /** Explanations by template. */
  templates: number
  /** Explanations found in the store. */
  cached: number
  /** Usable answers of a language model, which were stored. */
  written: number
  /** Unusable answers of a language model, which were shown to nobody. */
  rejected: number
  /** Calls that failed after all retries, or gave no answer. */
  failed: number
  /** Calls not made because the day's budget is spent. */
  refusedByBudget: number
  /** Calls not made because the service keeps failing. */
  refusedByBreaker: number
  /** Input and output together. */
  tokens: number
  /** In the currency of the prices. */
  money: number
}

export function noCounts(): ExplanationCounts {
  return {
    templates: 0,
    cached: 0,
    written: 0,
    rejected: 0,
    failed: 0,
    refusedByBudget: 0,
    refusedByBreaker: 0,
    tokens: 0,
    money: 0,
  }
}

/** The share of a language model's answers that were rejected, 0 to 1; 0 before the first. */
export function rejectionRate({ written, rejected }: ExplanationCounts): number {
  return rejected / Math.max(1, written + rejected)
}
