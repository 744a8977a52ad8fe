/** Answers that no API should give: none is taken for success, none makes a connector throw. */
import { expect, test } from '@jest/globals';
import { ConnectorError } from '../../../connectors/port.ts';
import { type Fault } from '../../../emulators/common/types.ts';
import { catalogue } from '../../../errors/trouble.ts';
import { type Write } from '../../../sync/core/operation.ts';
import { type Fresh, create, creation, openBytes, say, source } from './bench.ts';
import {
  asking,
  done,
  editing,
  fileId,
  madeBy,
  minute,
  removing,
  snapshotOf,
  taskId,
  updating,
} from '../portCalls.ts';

/** Answers that no API should give, yet proxies and accidents do. */
const strange: readonly (readonly [string, Fault['answer'] | 'cut'])[] = [
  ['a page of HTML with status 200', { status: 200, body: { $raw: '<html><body>Вход</body></html>' } }],
  [
    'a page of HTML with status 502',
    { status: 502, body: { $raw: '<html><h1>502 Bad Gateway</h1></html>' } },
  ],
  ['an empty 200', { status: 200, body: { $raw: '' } }],
  ['an empty 500', { status: 500, body: { $raw: '' } }],
  ['half of an answer', { status: 200, body: { $raw: '{"result":"success","id":10' } }],
  ['null', { status: 200, body: { $raw: 'null' } }],
  ['a list', { status: 200, body: [] }],
  ['a text', { status: 200, body: { $raw: '"ok"' } }],
  ['an object without anything', { status: 200, body: {} }],
  [
    'wrong types everywhere',
    {
      status: 200,
      body: { result: { a: 1 }, id: {}, tasks: 7, task: [], comments: 'x', comment: 1, error: 3 },
    },
  ],
  [
    'rows of wrong types',
    { status: 200, body: { result: 'success', tasks: [null, 4, { id: {} }], task: { id: [] } } },
  ],
  ['a redirect to another host', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
  ['a redirect to nowhere', { status: 302 }],
  ['an error with a wrong code', { status: 400, body: { result: 'fail', code: 'x', error: { deep: true } } }],
  ['a limit without a time', { status: 429, body: { $raw: 'slow down' } }],
  ['a cut connection', 'cut'],
];

export function strangeWithstood(fresh: Fresh): void {
  test.each(strange)(
    '%s: writes give an outcome, readings a trouble, nothing else is thrown',
    async (_what, answer) => {
      const bench = await fresh();
      const known = await snapshotOf(bench, await create(bench));
      const said = await done(bench, say(bench, known, 'Есть'));
      const { task, world, chat } = known;
      const { text, author, at } = say(bench, known, 'Иначе');
      const move = bench.connector.view([]).statusMove(known, bench.statuses.next);
      if ('unreachable' in move) throw new Error(move.unreachable);
      const writes: readonly Write[] = [
        creation(bench, {}, { files: [source] }),
        updating(known, { set: { title: 'Ново', deadline: null }, status: move, silent: true }),
        { kind: 'task.join', task },
        { kind: 'file.attach', task, source },
        { kind: 'file.detach', task, base: known, file: fileId('1') },
        say(bench, known, 'Ещё'),
        editing(known, madeBy(said), text, { author, at }),
        removing(known, madeBy(said)),
      ];
      const fault = answer === 'cut' ? { cut: true } : answer === undefined ? {} : { answer };
      bench.fault({ on: '*', when: 'before', times: 10_000, ...fault });
      const outcomes = await bench.connector.write(writes, openBytes);
      expect(outcomes).toHaveLength(writes.length);
      for (const outcome of outcomes) {
        if (outcome.is !== 'refused' && outcome.is !== 'unknown') continue;
        expect(Object.keys(catalogue)).toContain(outcome.trouble.code);
        expect(outcome.trouble.code).not.toBe('E-OURS');
        expect(outcome.trouble.todo).not.toBe('');
      }
      // A creation that was not answered with a number is never taken for done.
      expect(outcomes[0]?.is).not.toBe('done');
      expect(outcomes[5]?.is).not.toBe('done');

      const aspects = ['task', 'comments', 'deleted-comments'] as const;
      const asked = [task, taskId('987654321')].map((id) => asking(id, { aspects, world, chat }));
      const readings = await troubled(bench.connector.read(asked));
      for (const found of readings?.values() ?? []) expect(found.is).toBe('unreadable');
      expect(['nothing', 'cannot-tell']).toContain((await bench.connector.find(creation(bench))).is);
      expect(['nothing', 'cannot-tell']).toContain((await bench.connector.find(say(bench, known, 'Ещё'))).is);
      await troubled(bench.connector.changedSince({ since: bench.now() - 60 * minute }));
      await troubled(bench.connector.people());
      await troubled(bench.connector.statuses());
      await troubled(bench.connector.openFile(task, null, fileId('1')));
      expect((await bench.connector.check()).length).toBeGreaterThan(0);

      bench.clearFaults();
      bench.advance(60 * minute);
      expect((await snapshotOf(bench, task)).title).toBe(known.title);
    },
  );
}

/** The value, or undefined when the connector said in its own words why there is none. */
async function troubled<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    expect(Object.keys(catalogue)).toContain(error.trouble.code);
    return undefined;
  }
}
