/** What the registry of models does, whichever engine keeps it. */
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openModelRegistry } from '../../src/store/model-registry.ts'

const NOW = Date.UTC(2026, 10, 30)
const decision = { reason: 'It is the first model.', ndcg10: null }

/** @param location  a new, empty store */
export function modelRegistryContract(location: () => string): void {
  function registry(store = location(), now = () => NOW) {
    const opened = openModelRegistry(store, now)
    onTestFinished(() => opened.close())
    return opened
  }

  /** Adds and promotes versions, in their order. */
  async function promoteAll(models: ReturnType<typeof registry>, ...versions: string[]) {
    for (const version of versions) {
      await models.add({ version, hash: version, decision })
      await models.promote(version, decision)
    }
  }

  const statesOf = async (models: ReturnType<typeof registry>) =>
    Object.fromEntries((await models.all()).map(({ version, state }) => [version, state]))

  test('a store knows no model at first', async () => {
    const models = registry(location())
    expect(await models.serving()).toBeNull()
    expect(await models.all()).toEqual([])
  })

  test('an added model does not serve until it is promoted', async () => {
    const models = registry()
    await models.add({ version: 'a', hash: 'aa', decision })
    expect(await models.all()).toEqual([
      { version: 'a', hash: 'aa', state: 'REJECTED', addedAt: NOW, promotedAt: null, decision },
    ])
    const other = { ...decision, reason: 'It is better.' }
    await models.promote('a', other)
    expect(await models.serving()).toBe('a')
    expect(await models.all()).toMatchObject([{ state: 'SERVING', promotedAt: NOW, decision: other }])
  })

  test('promotion retires the former model', async () => {
    const models = registry()
    await promoteAll(models, 'a', 'b')
    expect(await statesOf(models)).toEqual({ a: 'RETIRED', b: 'SERVING' })
  })

  test('another process reads what one wrote', async () => {
    const file = location()
    await promoteAll(registry(file), 'a')
    expect(await registry(file).serving()).toBe('a')
  })

  test('rolling back goes on to earlier models, and never forward to one that was rolled back', async () => {
    const models = registry()
    await promoteAll(models, 'a', 'b', 'c')
    expect(await models.rollback()).toEqual({ from: 'c', to: 'b' })
    expect(await models.rollback()).toEqual({ from: 'b', to: 'a' })
    await expect(models.rollback()).rejects.toThrow('the store knows no model that served before')
    expect(await statesOf(models)).toEqual({ a: 'SERVING', b: 'REJECTED', c: 'REJECTED' })
    expect((await models.all())[0].decision.reason).toBe('It was rolled back to b.')
  })

  test('the latest promotion is the latest, also if the clock is set back', async () => {
    let now = NOW
    const models = registry(location(), () => now)
    await promoteAll(models, 'a')
    now -= 86_400_000
    await promoteAll(models, 'b', 'c')
    expect(await models.rollback()).toEqual({ from: 'c', to: 'b' })
  })

  test('a version that the store does not know is refused, and nothing has changed', async () => {
    const models = registry()
    await promoteAll(models, 'a')
    await expect(models.promote('x', decision)).rejects.toThrow('the store knows no model x')
    await expect(models.replace('x', { version: 'y', hash: 'yy' })).rejects.toThrow('no model x')
    expect(await statesOf(models)).toEqual({ a: 'SERVING' })
  })

  test('a model that takes the place of another keeps its state', async () => {
    const models = registry()
    await promoteAll(models, 'a', 'b')
    await models.replace('a', { version: 'a2', hash: 'aa2' })
    expect(await statesOf(models)).toEqual({ a2: 'RETIRED', b: 'SERVING' })
  })

  test('the latest models are kept, and always the one that serves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.nat(8), fc.integer({ min: 1, max: 4 }), async (added, serving, keep) => {
        const models = openModelRegistry(location())
        const versions = Array.from({ length: added }, (_, n) => `v${n}`)
        for (const version of versions) await models.add({ version, hash: version, decision })
        const served = versions.at(serving)
        if (served !== undefined) await models.promote(served, decision)
        const others = versions.filter((version) => version !== served)
        expect((await models.prune(keep)).toSorted()).toEqual(others.slice(0, -keep))
        expect(Object.keys(await statesOf(models)).toSorted()).toEqual(
          versions.filter((version) => version === served || others.slice(-keep).includes(version)),
        )
        await models.close()
      }),
      { numRuns: 20 },
    )
  })
}
