/** L5, non-interference (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Act, type Json } from '../../emulators/common/types.ts';
import { type Mapping } from '../../mappings/types.ts';
import { as, type RoleName } from '../../errors/ids.ts';
import { rehearse, type Rehearsal } from '../../simulation/rehearsal.ts';
import { threeCompanies } from '../../simulation/worlds.ts';
import { rows } from '../e2e/look.ts';
import { hubMapping, noon } from '../e2e/three.ts';
import { assertLawOfEngine, shares } from './shares.ts';

/** What the client may not see: who its contractor is, and what is said to and by the contractor alone. */
type Secret =
  'nothing' | 'told to the contractor' | 'said by the contractor' | 'given to the contractor' | 'held';

interface Turn {
  readonly act: 'client says' | 'client edits' | 'hub says' | 'hub edits' | 'contractor passes on';
  /** What happens before it in the one world, and in the other. */
  readonly secrets: readonly [Secret, Secret];
}

const aTurn: fc.Arbitrary<Turn> = fc.record({
  act: fc.constantFrom<Turn['act']>(
    'client says',
    'client edits',
    'hub says',
    'hub edits',
    'contractor passes on',
  ),
  secrets: fc.tuple(
    fc.constantFrom<Secret>('nothing', 'told to the contractor'),
    fc.constantFrom<Secret>(
      'nothing',
      'told to the contractor',
      'said by the contractor',
      'given to the contractor',
      'held',
    ),
  ),
});

/** The contractor's words reach the client under the hub's name in some cases, and never otherwise. */
function mappingWith(passOn: boolean): Mapping {
  const mapping = hubMapping();
  const rule = { of: as<RoleName>('contractor'), to: as<RoleName>('client') };
  return { ...mapping, comments: { ...mapping.comments, passOn: passOn ? [rule] : [] } };
}

const limits = { 'limits.perSecond': 0, 'limits.perDay': 0 };

/** The three companies; every name of the contractor is one of two. */
async function companies(named: boolean, passOn: boolean): Promise<Rehearsal> {
  const { teyron, romashka, pixel } = threeCompanies(
    (account) => `https://bridge.example/webhooks/${account}`,
  );
  const world = (of: Json): Json =>
    named
      ? (JSON.parse(
          JSON.stringify(of)
            .replaceAll('Пиксель', 'Кубик')
            .replaceAll('Дина', 'Жанна')
            .replaceAll('Юсупова', 'Ли'),
        ) as Json)
      : of;
  return rehearse({
    accounts: [
      {
        ...teyron,
        account: 'teyron',
        credential: teyron.token,
        settings: limits,
        world: world(teyron.world),
      },
      {
        ...romashka,
        account: 'romashka',
        credential: `/rest/${String(romashka.incoming.user)}/${romashka.incoming.secret}`,
      },
      {
        ...pixel,
        account: 'pixel',
        credential: pixel.token,
        settings: limits,
        world: world(pixel.world),
        organisation: named ? 'Кубик' : pixel.organisation,
      },
    ],
    mappings: [mappingWith(passOn)],
    start: noon,
  });
}

/** Every request that an account gets from here on: address and bytes. */
function overheard(three: Rehearsal, account: string): string[] {
  const host = three.host(account);
  const heard: string[] = [];
  const serve = host.serve.bind(host);
  Object.assign(host, {
    serve: ((request, now) => {
      heard.push(`${request.method} ${request.target} ${Buffer.from(request.body).toString('utf8')}`);
      return serve(request, now);
    }) satisfies typeof host.serve,
  });
  return heard;
}

async function story(turns: readonly Turn[], which: 0 | 1, passOn: boolean): Promise<readonly string[]> {
  const three = await companies(which === 1, passOn);
  const heard = overheard(three, 'romashka');
  const at = async (minute: number): Promise<void> => {
    await three.settle(60_000);
    three.runtime.advance(Math.max(0, noon + minute * 60_000 - three.runtime.now()));
  };
  await at(10);
  const origin = (
    three.act('teyron', {
      as: 2,
      do: 'create task',
      name: 'Макет',
      description: '<p>Три варианта</p>',
      assigner: 'user:2',
      assignees: ['user:3'],
      participants: ['contact:21'],
      project: 41,
    }) as { id: number }
  ).id;
  await at(20);
  const client = Number(rows(three.host('romashka').dump(), 'tasks')[0]?.['id']);
  const contractor = Number(rows(three.host('pixel').dump(), 'tasks')[0]?.['id']);
  const act = (account: string, what: Act): void => {
    three.act(account, what);
  };
  const hubSays = (text: string, to: string): void => {
    act('teyron', { as: 2, do: 'add comment', task: origin, text, recipients: [to] });
  };
  const secretly: Readonly<Record<Secret, (turn: number) => void>> = {
    nothing: () => undefined,
    'told to the contractor': (turn) => {
      hubSays(`<p>Только вам ${String(which)} ${String(turn)}</p>`, 'contact:21');
    },
    'said by the contractor': (turn) => {
      if (!passOn)
        act('pixel', { as: 2, do: 'add comment', task: contractor, text: `<p>Тайна ${String(turn)}</p>` });
    },
    'given to the contractor': (turn) => {
      const assignees = turn % 2 === 0 ? ['contact:21'] : ['user:3'];
      act('teyron', { as: 2, do: 'edit task', task: origin, assignees });
    },
    held: () => {
      act('pixel', { as: 2, do: 'set status', task: contractor, status: 4 });
    },
  };
  const openly: Readonly<Record<Turn['act'], (turn: number) => void>> = {
    'client says': (turn) => {
      act('romashka', { as: 12, do: 'post message', task: client, text: `Вопрос ${String(turn)}` });
    },
    'client edits': (turn) => {
      act('romashka', { as: 12, do: 'edit task', task: client, title: `Макет ${String(turn)}` });
    },
    'hub says': (turn) => {
      hubSays(`<p>Ответ ${String(turn)}</p>`, 'contact:20');
    },
    'hub edits': (turn) => {
      act('teyron', { as: 2, do: 'edit task', task: origin, name: `Макет у нас ${String(turn)}` });
    },
    'contractor passes on': (turn) => {
      if (passOn)
        act('pixel', {
          as: 2,
          do: 'add comment',
          task: contractor,
          text: `<p>Готово ${String(turn)}</p>`,
          recipients: ['contact:5'],
        });
    },
  };
  for (const [index, turn] of turns.entries()) {
    secretly[turn.secrets[which]](index);
    await at(30 + index * 20);
    openly[turn.act](index);
    await at(40 + index * 20);
  }
  return heard;
}

test('L5: two worlds that differ only in what the client may not see ask the same of its account, in the same order', async () => {
  const seen = shares();
  const turns = fc.array(aTurn, { minLength: 2, maxLength: 5 });
  await assertLawOfEngine(
    'L5',
    fc.asyncProperty(turns, fc.boolean(), async (drawn, passOn) => {
      seen.count({
        'hidden differences': drawn.some(({ secrets }) => secrets[0] !== secrets[1]),
        'words under a facade': passOn && drawn.some(({ act }) => act === 'contractor passes on'),
        'three accounts': true,
      });
      const one = await story(drawn, 0, passOn);
      const other = await story(drawn, 1, passOn);
      expect(one.length).toBeGreaterThanOrEqual(3);
      expect(other).toEqual(one);
      expect(other.join('\n')).not.toMatch(/Пиксель|Кубик|Юсупова|Жанна/u);
    }),
    12,
  );
  seen.hold('L5', { 'hidden differences': 60, 'words under a facade': 5 });
});
