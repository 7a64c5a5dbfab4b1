/** What an explainer did since it was made: what metrics are read from. */
export interface ExplanationCounts {
  /** Explanations that a template gave. */
  templates: number
  /** Explanations that were found in the store. */
  cached: number
  /** Answers of a language model that could be used, and were kept. */
  written: number
  /** Answers of a language model that could not, and that nobody saw. */
  rejected: number
  /** Calls that failed after all retries, or brought no answer. */
  failed: number
  /** Calls not made because the day's budget is spent. */
  refusedByBudget: number
  /** Calls not made because the service kept failing. */
  refusedByBreaker: number
  /** Input and output together. */
  tokens: number
  /** In the currency that prices are stated in. */
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
