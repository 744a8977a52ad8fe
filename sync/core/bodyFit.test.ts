import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitrixDescription } from '../../connectors/bitrix24/body.ts';
import { planfixHtml } from '../../connectors/planfix/body.ts';
import { aCase } from '../../tests/laws/case.ts';
import { edit } from '../../tests/laws/hands.ts';
import { rest } from '../../tests/laws/rounds.ts';
import { serverOf, type World, worldOf } from '../../tests/laws/world.ts';
import { type AccountId } from '../../errors/ids.ts';
import { type Block, type Surface } from './body.ts';
import { cutNotice, fitBlocks, mergeEdit, putBlocks } from './bodyLens.ts';
import { fieldRule } from './context.ts';

const lines = Array.from(
  { length: 12 },
  (_, at) => `<p>Строка <b>${String(at)}</b> ${'слово '.repeat(6)}</p>\n`,
);
const origin = planfixHtml.parse(lines.join(''));
const narrow: Surface = { ...bitrixDescription, maxLength: 330 };
const asIs = (block: Block): Block => block;
const shown = narrow.print(
  fitBlocks(
    origin.blocks.map(({ block }) => block),
    narrow,
    cutNotice,
  ),
);
const carried = (after: string, before = shown, from = origin): string =>
  mergeEdit({
    origin: from,
    originSurface: planfixHtml,
    before: narrow.parse(before),
    after: narrow.parse(after),
    mirrorSurface: narrow,
    back: asIs,
    notice: cutNotice,
  });
const rows = (markup: string): readonly string[] =>
  [...markup.matchAll(/Строка <b>\d+<\/b>/g)].map(([row]) => row);

describe('a mirror that was cut', () => {
  test('says so in its last paragraph, within the limit, after the start of what did not fit', () => {
    expect(shown.length).toBeLessThanOrEqual(330);
    expect(shown.endsWith(`…\n\n${cutNotice}`)).toBe(true);
    expect(shown).toContain('Строка [B]4[/B]');
  });

  test('changes nothing at the origin while nobody edits it, or when only the notice or the start is deleted', () => {
    const paragraphs = shown.split('\n\n');
    expect(carried(shown)).toBe(lines.join(''));
    expect(carried(paragraphs.slice(0, -1).join('\n\n'))).toBe(lines.join(''));
    expect(carried(paragraphs.slice(0, -2).join('\n\n'))).toBe(lines.join(''));
  });

  test('carries an edit of a block that it shows, and every other block keeps its bytes', () => {
    const merged = carried(shown.replace('Строка [B]1[/B]', 'Правка [B]1[/B]'));
    expect(merged).toContain('Правка <b>1</b>');
    for (const [at, line] of lines.entries()) expect(merged.includes(line.trim())).toBe(at !== 1);
  });

  test('lets a shown block be deleted, and only that one', () => {
    const merged = carried(shown.split('\n\n').slice(1).join('\n\n'));
    expect(rows(merged)).toEqual(rows(lines.slice(1).join('')));
  });

  test.each([
    ['after the notice', `${shown}\n\nСвоё`],
    ['on from the notice', `${shown}\nСвоё`],
    ['before the notice', shown.replace(cutNotice, `Своё\n\n${cutNotice}`)],
  ])('words written %s go to the origin before what is not shown, without the notice', (_, after) => {
    const merged = carried(after);
    expect(merged).toContain('<p>Своё</p>');
    expect(merged).not.toContain(cutNotice);
    expect(rows(merged)).toEqual(rows(lines.join('')));
    expect(merged.indexOf('Своё')).toBeLessThan(merged.indexOf('Строка <b>5</b>'));
  });

  test('emptied, takes away no more than it showed', () => {
    const merged = carried('');
    expect(rows(merged)).toEqual(
      rows(
        lines
          .slice(rows(planfixHtml.print(narrow.parse(shown).blocks.map(({ block }) => block))).length)
          .join(''),
      ),
    );
  });

  test('of an origin that went on since then, keeps what it does not show all the same', () => {
    const later = planfixHtml.parse(lines.map((line) => line.replace('<b>2</b>', '<b>22</b>')).join(''));
    const merged = carried(shown.replace('Строка [B]2[/B]', 'Правка [B]2[/B]'), shown, later);
    expect(merged).toContain('Правка');
    for (const line of lines.slice(5)) expect(merged).toContain(line.trim());
  });

  test('whatever a person leaves of it, no block that it does not show is lost', () => {
    const paragraphs = shown.split('\n\n');
    fc.assert(
      fc.property(fc.shuffledSubarray([...paragraphs, 'Своё', 'Ещё', `${cutNotice} и слово`]), (left) => {
        const merged = carried(left.join('\n\n'));
        for (const line of lines.slice(5)) expect(merged).toContain(line.trim());
      }),
      { numRuns: 300 },
    );
  });

  test('shown again for the cut text, is left byte for byte', () => {
    const blocks = fitBlocks(
      origin.blocks.map(({ block }) => block),
      narrow,
      cutNotice,
    );
    expect(putBlocks(blocks, narrow.parse(shown), narrow)).toBe(shown);
  });
});

describe('in the world of the laws', () => {
  const long = Array.from(
    { length: 400 },
    (_, at) => `<p>Строка ${String(at)}: ${'слово '.repeat(40)}</p>`,
  ).join('');

  /** A task of a Planfix account with a text that no Bitrix24 account holds, at rest. */
  const atRest = (): { world: World; origin: AccountId; mirror: AccountId } => {
    for (const one of fc.sample(aCase({ troubled: false, edits: 0 }), { seed: 5, numRuns: 300 })) {
      const world = worldOf(one);
      const home = serverOf(world, world.item.origin.account);
      if (home.view.kind !== 'planfix' || home.snapshot === null) continue;
      home.snapshot = { ...home.snapshot, description: long };
      rest(world);
      const mirror = [...world.servers.values()].find(
        ({ account, view, snapshot }) =>
          view.kind === 'bitrix24' &&
          fieldRule(world.context, account, 'description') !== undefined &&
          snapshot?.description.includes('Строка 0') === true,
      );
      if (mirror) return { world, origin: home.account, mirror: mirror.account };
    }
    throw new Error('no case of a Planfix task mirrored in Bitrix24');
  };

  test('a description that Bitrix24 would cut in silence arrives with the notice, comes to rest, and the origin stays', () => {
    const { world, origin: home, mirror } = atRest();
    const copy = serverOf(world, mirror).snapshot?.description ?? '';
    expect(copy.length).toBeLessThanOrEqual(65_535);
    expect(copy.endsWith(cutNotice)).toBe(true);
    expect(serverOf(world, home).snapshot?.description).toBe(long);
    const { writes } = world;
    rest(world);
    expect(world.writes).toBe(writes);
  });

  test('words that a person adds to the cut copy reach the origin, which loses none of its own', () => {
    const { world, origin: home, mirror } = atRest();
    edit(world, {
      who: [...world.servers.keys()].indexOf(mirror),
      what: 'description',
      draw: 1,
      then: 'rest',
    });
    rest(world);
    const text = serverOf(world, home).snapshot?.description ?? '';
    expect(text).toContain('Слова');
    expect(text).not.toContain(cutNotice);
    expect(text.match(/Строка \d+:/g)).toHaveLength(400);
    const copy = serverOf(world, mirror).snapshot?.description ?? '';
    expect(copy.endsWith(cutNotice)).toBe(true);
    expect(copy.split(cutNotice)).toHaveLength(2);
  });
});
