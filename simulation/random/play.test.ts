import { describe, expect, test } from '@jest/globals';
import { exemptions } from '../../tests/pairwise/exemptions.ts';
import { drawStory } from './drawStory.ts';
import { play } from './play.ts';
import { leftOut } from './settings.ts';

const calm = { faults: false, kills: false, mappings: false } as const;

describe('A seed', () => {
  test('gives the same story and the same trace every time', async () => {
    const stories = [drawStory(7), drawStory(7)];
    expect(stories[0]).toEqual(stories[1]);
    const [first, second] = await Promise.all(
      stories.map((story) => play(story, { until: 40, keepTrace: true })),
    );
    expect(first?.trace.length).toBeGreaterThan(50);
    expect(first?.trace).toEqual(second?.trace);
    expect(first?.hash).toBe(second?.hash);
  });

  test('gives another story than its neighbour', () => {
    expect(drawStory(7).steps).not.toEqual(drawStory(8).steps);
  });

  test.each([1, 2, 3])('by which nothing breaks ends with accounts that agree (seed %i)', async (seed) => {
    const { findings, deeds } = await play(drawStory(seed, calm));
    expect(findings).toEqual([]);
    expect(deeds).toBeGreaterThan(5);
  });
});

test('what the documents of limits take back is drawn for no account', () => {
  const missing = exemptions.filter(
    ({ crm, name, value }) => !leftOut[crm].some(([setting, left]) => setting === name && left === value),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});
