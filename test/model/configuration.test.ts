import { describe, expect, test } from 'vitest'
import type { Configuration } from '../../src/model/configuration.ts'
import { ConfigurationError, configure } from '../../src/model/configuration.ts'

describe('configure', () => {
  test('the notebook preset is what the notebook ran', () => {
    expect(configure('notebook')).toMatchObject({
      preset: 'notebook',
      factors: 50,
      regularization: 0.1,
      iterations: 20,
      alpha: 1,
      confidence: 'implicit',
      content: 'label-encoded',
      blend: 'notebook',
      weights: { collaborative: 0.6, content: 0.4 },
    })
  })

  test('the default preset weighs its sources by the last orders of repeat customers', () => {
    expect(configure('default')).toMatchObject({
      preset: 'default',
      factors: 64,
      regularization: 0.1,
      iterations: 20,
      alpha: 40,
      confidence: 'hu-koren-volinsky',
      content: 'one-hot',
      blend: 'learned',
      weights: { collaborative: 0.6, content: 0.4 },
    })
  })

  test('fields that are given replace those of the preset, and only those', () => {
    expect(configure('default', { factors: 8, seed: 7 })).toEqual({
      ...configure('default'),
      factors: 8,
      seed: 7,
    })
  })

  test.each<[Partial<Configuration>, string]>([
    [{ factors: 0 }, 'factors must be a whole number from 1 to 1024, not 0'],
    [{ factors: 1025 }, 'factors must be a whole number from 1 to 1024, not 1025'],
    [{ factors: 2.5 }, 'factors must be a whole number from 1 to 1024, not 2.5'],
    [{ regularization: -0.1 }, 'regularization must be a number of at least 0, not -0.1'],
    [{ regularization: Infinity }, 'regularization must be a number of at least 0, not Infinity'],
    [{ alpha: 0 }, 'alpha must be a number above 0, not 0'],
    [{ alpha: NaN }, 'alpha must be a number above 0, not NaN'],
    [{ iterations: 0 }, 'iterations must be a whole number from 1 to 10000, not 0'],
    [{ frequencyExponent: 2 }, 'frequencyExponent must be a number from 0 to 1, not 2'],
    [
      { regularizationScale: 'rows' as 'entries' },
      "regularizationScale must be one of constant, entries, not 'rows'",
    ],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295, not -1'],
    [
      { confidence: 'cubic' as 'ials' },
      "confidence must be one of hu-koren-volinsky, implicit, ials, not 'cubic'",
    ],
    [
      { weights: { collaborative: 1.2, content: -0.2 } },
      'weights.collaborative must be a number from 0 to 1, not 1.2; weights.content must be a number from 0 to 1, not -0.2',
    ],
    [
      { weights: { collaborative: 0.6, content: 0.6 } },
      'weights must be two numbers that sum to 1, not { collaborative: 0.6, content: 0.6 }',
    ],
    [{ factor: 3 } as Partial<Configuration>, 'there is no field named factor'],
  ])('%o is refused with the field, what is allowed, and the value', (overrides, message) => {
    expect(() => configure('default', overrides)).toThrow(new ConfigurationError(message))
  })

  test('all faults are named at once', () => {
    expect(() => configure('notebook', { factors: 0, alpha: -1 })).toThrow(
      /factors must be .*; alpha must be /,
    )
  })
})
