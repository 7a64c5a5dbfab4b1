import { type Explainer, templateExplainer } from '../../src/explanations/explainer.ts'

export interface PacedExplainer extends Explainer {
  /** From now on explanations wait to be let pass. */
  hold(): void
  /** Lets so many of those that wait pass, the first to be asked for first. */
  letPass(number: number): void
  /** Lets all pass that wait, and all to come. */
  letAllPass(): void
}

/** Explains by template, as slowly as a test needs it. */
export function pacedExplainer(): PacedExplainer {
  const { explain, counts } = templateExplainer()
  const waiting: (() => void)[] = []
  let held = false
  const letPass = (number: number) => {
    for (const pass of waiting.splice(0, number)) pass()
  }
  return {
    counts,
    async explain(evidence, locale) {
      if (held) await new Promise<void>((pass) => waiting.push(pass))
      return await explain(evidence, locale)
    },
    hold: () => {
      held = true
    },
    letPass,
    letAllPass: () => {
      held = false
      letPass(waiting.length)
    },
  }
}
