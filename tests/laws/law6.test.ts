/** L6, isolation (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { type EmulatorHost } from '../../emulators/common/host.ts';
import { jsonResponse } from '../../emulators/common/answer.ts';
import { bitrixSaid, bitrixTasks, only, planfixComments, planfixTasks } from '../e2e/look.ts';
import { rehearseThree } from '../e2e/three.ts';
import { assertLawOfEngine, shares } from './shares.ts';

interface Trouble {
  readonly with: 'field' | 'task' | 'comment' | 'file' | 'account' | 'reading';
  /** Index of the task that has it. */
  readonly task: number;
  readonly both: boolean;
}

const kinds: readonly Trouble['with'][] = ['field', 'task', 'comment', 'file', 'account', 'reading'];

const aTrouble: fc.Arbitrary<Trouble> = fc.record({
  with: fc.constantFrom(...kinds),
  task: fc.nat({ max: 2 }),
  both: fc.boolean(),
});

const refusal = { status: 400, body: { result: 'fail', code: 3001, error: 'Bad value' } };

/** The account answers some requests with a refusal that does not say what it minds. */
function refuse(host: EmulatorHost, which: (request: { target: string; body: Uint8Array }) => boolean): void {
  const serve = host.serve.bind(host);
  Object.assign(host, {
    serve: ((request, now) => {
      if (request.method !== 'POST' || !which(request)) return serve(request, now);
      const response = jsonResponse(refusal.status, refusal.body);
      return { reply: { kind: 'respond', response }, step: host.tick(now) };
    }) satisfies EmulatorHost['serve'],
  });
}

const titled = z.looseObject({ name: z.string() });

const refuseTitles = (host: EmulatorHost, task: number): void => {
  refuse(
    host,
    ({ target, body }) =>
      target.split('?')[0]?.endsWith(`/task/${String(task)}`) === true &&
      titled.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).success,
  );
};

const refuseFiles = (host: EmulatorHost, task: number): void => {
  refuse(host, ({ target }) => new RegExp(`/attach/task\\?id=${String(task)}$`, 'u').test(target));
};

test('L6: what fails holds up nothing but itself', async () => {
  const seen = shares();
  await assertLawOfEngine(
    'L6',
    fc.asyncProperty(aTrouble, async (trouble) => {
      seen.count({
        'a field fails': trouble.with === 'field',
        'a comment fails': trouble.with === 'comment',
        'a file fails': trouble.with === 'file',
        'a reading fails': trouble.with === 'reading',
        'server rewriting': true,
      });
      const three = await rehearseThree();
      const tasks: { client: number; mirror: number }[] = [];
      for (const index of [0, 1, 2]) {
        const { id } = three.act('romashka', {
          as: 12,
          do: 'create task',
          title: `Задача ${String(index)}`,
          responsible: 77,
          group: 7,
          deadline: '2026-12-01T18:00:00+03:00',
        }) as { id: number };
        await three.settle();
        const [mirror] = planfixTasks(three, 'teyron').slice(-1);
        tasks.push({ client: id, mirror: mirror?.id ?? 0 });
      }
      const bad = tasks[trouble.task];
      if (!bad) throw new Error('three tasks were made');
      const { mirror } = bad;
      const hub = three.host('teyron');
      const update = `POST /task/${String(mirror)}`;
      if (trouble.with === 'field') refuseTitles(hub, mirror);
      if (trouble.with === 'task') hub.addFault({ on: update, answer: refusal, times: 50 });
      if (trouble.with === 'comment') hub.addFault({ on: `${update}/comments/`, answer: refusal });
      if (trouble.with === 'file') refuseFiles(hub, mirror);
      if (trouble.with === 'account')
        three.host('pixel').addFault({ on: '*', answer: { status: 503 }, times: 1_000 });
      if (trouble.with === 'reading')
        for (const on of [`GET /task/${String(mirror)}`, 'POST /task/list'])
          hub.addFault({ on, answer: refusal, times: on.startsWith('GET') ? 50 : 1 });

      tasks.forEach(({ client }, index) => {
        three.act('romashka', {
          as: 12,
          do: 'edit task',
          task: client,
          title: `Новая ${String(index)}`,
          deadline: '2026-12-05T12:00:00+03:00',
        });
        three.act('romashka', { as: 12, do: 'post message', task: client, text: `Слово ${String(index)}` });
        three.act('romashka', {
          as: 12,
          do: 'attach file',
          task: client,
          name: `файл ${String(index)}.txt`,
          base64: Buffer.from(`файл ${String(index)}`).toString('base64'),
        });
        if (trouble.both)
          three.act('romashka', { as: 12, do: 'post message', task: client, text: `Ещё ${String(index)}` });
      });
      await three.settle(3_600_000);

      const after = new Map(planfixTasks(three, 'teyron').map((task) => [task.id, task]));
      tasks.forEach((task, index) => {
        if (task === bad) return;
        expect(after.get(task.mirror)).toMatchObject({
          title: `Новая ${String(index)}`,
          deadline: '2026-12-05T09:00Z',
        });
        expect(after.get(task.mirror)?.files).toHaveLength(1);
      });
      const said = planfixComments(three, 'teyron').filter((one) => one.task === mirror);
      const wanted = trouble.both ? 2 : 1;
      if (trouble.with === 'field') {
        expect(after.get(mirror)).toMatchObject({
          title: `Задача ${String(trouble.task)}`,
          deadline: '2026-12-05T09:00Z',
        });
      }
      if (trouble.with !== 'task')
        expect(after.get(mirror)?.files).toHaveLength(trouble.with === 'file' ? 0 : 1);
      if (trouble.with === 'file')
        expect(after.get(mirror)).toMatchObject({
          title: `Новая ${String(trouble.task)}`,
          deadline: '2026-12-05T09:00Z',
        });
      if (trouble.with === 'comment') {
        expect(after.get(mirror)?.title).toBe(`Новая ${String(trouble.task)}`);
        expect(said.length).toBeGreaterThanOrEqual(wanted - 1);
      } else expect(said).toHaveLength(wanted);
      // What stands at its origin stays there.
      expect(bitrixTasks(three, 'romashka')).toHaveLength(3);
      expect(bitrixSaid(three, 'romashka').length).toBeGreaterThanOrEqual(3);
      expect(only(bitrixTasks(three, 'romashka').filter(({ id }) => id === bad.client)).title).toBe(
        `Новая ${String(trouble.task)}`,
      );
    }),
    14,
    kinds.map((kind) => [{ with: kind, task: 1, both: true }]),
  );
  seen.hold('L6', { 'a field fails': 5, 'a comment fails': 5, 'a file fails': 5, 'a reading fails': 5 });
});
