/**
 * The least cosine that makes a product like another: what has nothing in common has one of 0, or of what the rounding of
 * a sum leaves, and belongs in no list of what is alike.
 */
export const LEAST_LIKENESS = 1e-4
