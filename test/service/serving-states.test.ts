import { expect, test, vi } from 'vitest'
import type { Recommender } from '../../src/engine/recommender.ts'
import { ServingStates } from '../../src/service/serving-states.ts'

/** What a serving state needs of a recommender, which says when it is closed. */
const opened = () => ({ close: vi.fn() }) as unknown as Recommender & { close: ReturnType<typeof vi.fn> }

test('new requests are answered by the new state, those in flight by the one that they began with', () => {
  const [former, latter] = [opened(), opened()]
  const states = new ServingStates(former)
  const before = states.lease()
  states.swap(latter)
  expect(before.recommender).toBe(former)
  expect(states.lease().recommender).toBe(latter)
  expect(states.current).toBe(latter)
})

test('a former state is closed when the last request that began with it has ended', () => {
  const former = opened()
  const states = new ServingStates(former)
  const [one, other] = [states.lease(), states.lease()]
  states.swap(opened())
  one.release()
  one.release()
  expect(former.close).not.toHaveBeenCalled()
  other.release()
  expect(former.close).toHaveBeenCalledOnce()
})

test('the state that serves is not closed when its requests end', () => {
  const recommender = opened()
  const states = new ServingStates(recommender)
  states.lease().release()
  expect(recommender.close).not.toHaveBeenCalled()
  states.close()
  expect(recommender.close).toHaveBeenCalledOnce()
})
