/** L5, non-interference (docs/laws.md). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Act } from '../../emulators/common/types.ts';
import { rehearse, type Rehearsal } from '../../simulation/rehearsal.ts';
import { rows } from '../e2e/look.ts';
import { noon } from '../e2e/three.ts';
import {
  accountOf,
  type Companies,
  type Company,
  everybody,
  type Hands,
  handsOf,
  mappingOf,
  someCompanies,
  standIn,
} from './companies.ts';
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

/** Names of the companies; those behind the hub bear others in the other world. */
const namesIn: readonly [Record<string, string>, Record<string, string>] = [
  { teyron: 'ТЕЙРОН', romashka: 'Ромашка', pixel: 'Пиксель', lavanda: 'Лаванда' },
  { teyron: 'ТЕЙРОН', romashka: 'Ромашка', pixel: 'Кубик', lavanda: 'Шалфей' },
];

const rehearsalOf = (companies: Companies, which: 0 | 1): Promise<Rehearsal> =>
  rehearse({
    accounts: everybody(companies).map((one) =>
      accountOf(companies, one, (account) => namesIn[which][account] ?? account),
    ),
    mappings: [mappingOf(companies)],
    start: noon,
  });

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

/**
 * Marks are keyed hashes of where a message was written, and tell nothing to whoever has no key: they count by which of
 * them are the same.
 */
function withoutMarks(requests: readonly string[]): readonly string[] {
  const known = new Map<string, string>();
  return requests.map((request) =>
    request.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu, (mark) => {
      const name = known.get(mark) ?? `mark ${String(known.size)}`;
      known.set(mark, name);
      return name;
    }),
  );
}

async function story(companies: Companies, turns: readonly Turn[], which: 0 | 1): Promise<readonly string[]> {
  const { hub, client, hidden, passOn } = companies;
  const world = await rehearsalOf(companies, which);
  const heard = overheard(world, client.account);
  const at = async (minute: number): Promise<void> => {
    await world.settle(60_000);
    world.runtime.advance(Math.max(0, noon + minute * 60_000 - world.runtime.now()));
  };
  const inHub = ({ account }: Company): string => standIn(hub.kind, account);
  await at(10);
  const named = client.scoped ? hidden : [client, ...hidden];
  const made = world.act(hub.account, handsOf(hub.kind).create('Макет', named.map(inHub)));
  const origin = (made as { id: number }).id;
  await at(20);
  const tasks = new Map(
    everybody(companies).map(({ account }) => [
      account,
      Number(rows(world.host(account).dump(), 'tasks')[0]?.['id']),
    ]),
  );
  /** One of a company acts on its own task; who has none yet does nothing. */
  const act = (one: Company, deed: (hands: Hands, task: number) => Act): void => {
    const task = one === hub ? origin : tasks.get(one.account);
    if (task !== undefined && !Number.isNaN(task)) world.act(one.account, deed(handsOf(one.kind), task));
  };
  const behind = (turn: number): Company => hidden[turn % hidden.length] ?? hub;
  const waiting = new Set<Company>();
  const secretly: Readonly<Record<Secret, (turn: number) => void>> = {
    nothing: () => undefined,
    'told to the contractor': (turn) => {
      const text = `Только вам ${String(which)} ${String(turn)}`;
      act(hub, (hands, task) => hands.say(task, text, inHub(behind(turn))));
    },
    'said by the contractor': (turn) => {
      if (!passOn) act(behind(turn), (hands, task) => hands.say(task, `Тайна ${String(turn)}`, null));
    },
    'given to the contractor': (turn) => {
      act(hub, (hands, task) => hands.give(task, turn % 2 === 0 ? inHub(behind(turn)) : null));
    },
    held: (turn) => {
      const one = behind(turn);
      if (!waiting.has(one)) act(one, (hands, task) => hands.wait(task));
      waiting.add(one);
    },
  };
  const openly: Readonly<Record<Turn['act'], (turn: number) => void>> = {
    'client says': (turn) => {
      act(client, (hands, task) => hands.say(task, `Вопрос ${String(turn)}`, null));
    },
    'client edits': (turn) => {
      act(client, (hands, task) => hands.retitle(task, `Макет ${String(turn)}`));
    },
    'hub says': (turn) => {
      act(hub, (hands, task) => hands.say(task, `Ответ ${String(turn)}`, inHub(client)));
    },
    'hub edits': (turn) => {
      act(hub, (hands, task) => hands.retitle(task, `Макет у нас ${String(turn)}`));
    },
    'contractor passes on': (turn) => {
      const one = behind(turn);
      if (passOn)
        act(one, (hands, task) => hands.say(task, `Готово ${String(turn)}`, standIn(one.kind, hub.account)));
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
    fc.asyncProperty(someCompanies, turns, async (companies, drawn) => {
      const { hub, client, hidden, passOn } = companies;
      seen.count({
        'hidden differences': drawn.some(({ secrets }) => secrets[0] !== secrets[1]),
        'words under a facade': passOn && drawn.some(({ act }) => act === 'contractor passes on'),
        'a hub in Bitrix24': hub.kind === 'bitrix24',
        'a client in Planfix': client.kind === 'planfix',
        'a client without a scope': !client.scoped,
        'four accounts': hidden.length > 1,
      });
      const one = await story(companies, drawn, 0);
      const other = await story(companies, drawn, 1);
      expect(one.length).toBeGreaterThanOrEqual(3);
      expect(withoutMarks(other)).toEqual(withoutMarks(one));
      expect(other.join('\n')).not.toMatch(/Пиксель|Кубик|Лаванда|Шалфей/u);
    }),
    16,
  );
  seen.hold('L5', {
    'hidden differences': 60,
    'words under a facade': 5,
    'a hub in Bitrix24': 15,
    'a client in Planfix': 15,
    'a client without a scope': 15,
    'four accounts': 15,
  });
});
