/**
 * Every method of the port against every hostile answer of a reference, put in the place of a real answer: nothing
 * crashes, nothing is taken for success that was not proved, no change is lost, an absence is never taken for a
 * deletion, nothing asks without end, and no stranger sees a credential.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Account, truth } from './account.ts';
import { type Hostile } from './conversation.ts';
import { feeds, openSource, readCases, writeCases } from './methods.ts';
import { type Trial, tryFeed, tryRead, tryWrite } from './trial.ts';

export interface Against {
  readonly account: Promise<Account>;
  readonly hostile: readonly Hostile[];
  /** Methods by their names; absent = all. */
  readonly methods?: RegExp;
}

/** Least numbers that a whole run must reach. */
export interface Floor {
  readonly generators: number;
  readonly methods: number;
  readonly places: number;
  readonly trials: number;
}

const problemMax = 400;

export function hostileSuite(name: string, all: readonly Against[], floor: Floor): void {
  let turn = 0;
  const ran = {
    trials: 0,
    generators: new Set<string>(),
    methods: new Set<string>(),
    places: new Set<string>(),
  };

  /**
   * The hostile answers at the places of one method, and what was wrong. Those that may come at any moment are tried
   * at every place of every method; the others at every third method in turn (at all with HOSTILE=all), there at the
   * first place at which they mean anything.
   */
  async function each(
    method: string,
    hostile: readonly Hostile[],
    places: number,
    attempt: (one: Hostile, place: number) => Promise<Trial>,
  ): Promise<readonly string[]> {
    const wrong = new Map<string, string[]>();
    turn += 1;
    for (const [index, one] of hostile.entries()) {
      if (one.everywhere !== true && process.env['HOSTILE'] !== 'all' && (index + turn) % 3 !== 0) continue;
      for (let step = 0; step < places; step += 1) {
        const place = (index + step) % places;
        const trial = await attempt(one, place);
        if (!trial.ran) continue;
        ran.trials += 1;
        ran.generators.add(one.name);
        ran.methods.add(method);
        ran.places.add(`${method} ${String(place)}`);
        for (const what of trial.wrong) {
          const problem = what.slice(0, problemMax);
          wrong.set(problem, [...(wrong.get(problem) ?? []), `${one.name} @${String(place)}`]);
        }
        if (one.everywhere !== true) break;
      }
    }
    return [...wrong].map(
      ([what, where]) => `${what} ← ${where.slice(0, 12).join('; ')}${where.length > 12 ? ` and more` : ''}`,
    );
  }

  for (const { account: making, hostile, methods = /./ } of all) {
    describe(`${name}: hostile answers`, () => {
      for (const one of writeCases.filter(({ name: title }) => methods.test(title)))
        test(one.name, async () => {
          const account = await making;
          const bench = account.copy();
          if (one.only?.(bench) === false) return;
          bench.talk.calm();
          const [outcome] = await bench.connector.write([one.plan(bench, account.truth)], openSource);
          expect(outcome).toMatchObject({ is: 'done', failures: [] });
          expect(one.stands(bench, await truth(bench))).toBe(1);
          const method = `${account.name}, ${one.name}`;
          const places = bench.talk.asked().length;
          expect(
            await each(method, hostile, places, (way, place) => tryWrite(account, one, way, place)),
          ).toEqual([]);
        });

      for (const one of readCases.filter(({ name: title }) => methods.test(title)))
        test(one.name, async () => {
          const account = await making;
          const bench = account.copy();
          bench.talk.calm();
          const right = await one.ask(bench.connector, bench);
          const method = `${account.name}, ${one.name}`;
          const places = bench.talk.asked().length;
          expect(
            await each(method, hostile, places, (way, place) => tryRead(account, one, right, way, place)),
          ).toEqual([]);
        });

      for (const feed of feeds)
        for (const from of ['beginning', 'cursor'] as const) {
          const title = `${feed.name} from its ${from}`;
          if (!methods.test(title)) continue;
          test(title, async () => {
            const account = await making;
            if (feed.only?.(account.copy()) === false) return;
            const method = `${account.name}, ${title}`;
            expect(
              await each(method, hostile, 2, (way, place) => tryFeed(account, feed, from, way, place)),
            ).toEqual([]);
          });
        }
    });
  }

  // A run of some tests alone proves nothing about numbers.
  const whole = !process.argv.some(
    (argument) => argument === '-t' || argument.startsWith('--testNamePattern'),
  );
  afterAll(() => {
    const reached: Floor = {
      generators: ran.generators.size,
      methods: ran.methods.size,
      places: ran.places.size,
      trials: ran.trials,
    };
    console.log(
      `${name}: ${String(reached.generators)} hostile answers × ${String(reached.methods)} methods of the port at ` +
        `${String(reached.places)} places: ${String(reached.trials)} trials`,
    );
    if (!whole) return;
    for (const what of ['generators', 'methods', 'places', 'trials'] as const)
      if (reached[what] < floor[what])
        throw new Error(`${name}: only ${String(reached[what])} ${what} ran, ${String(floor[what])} are due`);
  });
}
