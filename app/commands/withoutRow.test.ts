import { describe, expect, test } from '@jest/globals';
import { type AccountId, as, type LocalPersonId } from '../../errors/ids.ts';
import { memoryStore } from '../../store/memory.ts';
import { contextOf } from '../../sync/engine/deps.ts';
import { planfixTasks } from '../../tests/e2e/look.ts';
import { hubMapping, rehearseThree } from '../../tests/e2e/three.ts';
import { keepPeople, keptPeople } from '../people.ts';
import { secretsFrom } from '../secrets.ts';
import { withoutRow, withoutRowText } from './withoutRow.ts';

const [teyron, romashka] = [as<AccountId>('teyron'), as<AccountId>('romashka')];

/** A task of Romashka whose mirror at Teyron has user 2 as its assignee, whom no row and no e-mail names there. */
async function known() {
  const three = await rehearseThree();
  three.act('romashka', { as: 12, do: 'create task', title: 'Форма', responsible: 77, group: 7 });
  await three.settle();
  const mirror = planfixTasks(three, 'teyron').find(({ title }) => title === 'Форма')?.id ?? 0;
  three.act('teyron', { as: 2, do: 'set assignees', task: mirror, users: ['user:2'] });
  await three.settle();
  const items = await three.store.loadItems(await three.store.listItems(null));
  const views = contextOf(three.deps, hubMapping())?.views;
  if (!views) throw new Error('an account is not connected');
  return { items, views, mirror };
}

describe('People without a row', () => {
  test('each is listed with where, as whom, and the row to add; the row that is there is made longer', async () => {
    const { items, views, mirror } = await known();
    const directory = { views, unread: new Set<AccountId>() };
    const found = withoutRow(hubMapping(), directory, items);
    expect(found.map(({ account, person }) => `${account} ${person}`)).toEqual(
      expect.arrayContaining(['romashka user:2', 'teyron 12']),
    );
    const there = found.find(({ account }) => account === teyron);
    expect(there).toMatchObject({ tasks: [`teyron:${String(mirror)}`], fallback: 'stand-in' });
    expect(there?.places).toEqual(['creator']);
    const pixel = as<AccountId>('pixel');
    const people = [{ [teyron]: as<LocalPersonId>('user:2'), [pixel]: as<LocalPersonId>('user:9') }];
    const longer = withoutRow({ ...hubMapping(), people }, directory, items);
    expect(longer.find(({ account }) => account === romashka)?.row).toBe(
      "- { teyron: 'user:2', pixel: 'user:9', romashka: '<id in romashka>' }",
    );
    const rows = [{ [teyron]: as<LocalPersonId>('user:2'), [romashka]: as<LocalPersonId>('15') }];
    const named = withoutRow({ ...hubMapping(), people: rows }, directory, items);
    expect(named.filter(({ account }) => account === romashka)).toEqual([]);
  });

  test('among the participants and auditors nobody is shown for them, and the list says so', async () => {
    const { items, views } = await known();
    const party = (person: string) => ({
      kind: 'person' as const,
      home: romashka,
      person: as<LocalPersonId>(person),
    });
    const there = items.map((one) => {
      const { creator } = one.item.fields;
      if (!creator) throw new Error('no creator');
      const fields = {
        ...one.item.fields,
        participants: { ...creator, value: [party('12'), party('15')] },
        auditors: { ...creator, value: [party('12')] },
      };
      return { ...one, item: { ...one.item, fields } };
    });
    const found = withoutRow(hubMapping(), { views, unread: new Set() }, there);
    const texts = found.filter(({ account }) => account === teyron).map(withoutRowText);
    expect(texts[0]).toContain('is shown for them, except among the participants and auditors; in');
    expect(texts[1]).toContain('they are not shown among the participants; in');
  });

  test('without a stand-in the list says what the mapping does: left out, or held', async () => {
    const { items, views } = await known();
    const members = hubMapping().members.map((member) => ({ ...member, standIns: {} }));
    const fallbacks = (['leave-out', 'stand-in'] as const).map((unknownPerson) => {
      const mapping = { ...hubMapping(), members, unknownPerson };
      return withoutRow(mapping, { views, unread: new Set() }, items).find(
        ({ account }) => account === romashka,
      )?.fallback;
    });
    expect(fallbacks).toEqual(['left-out', 'nobody']);
  });

  test('where people were not read yet, the list says that e-mail may still match', async () => {
    const { items, views } = await known();
    const [one] = withoutRow(hubMapping(), { views, unread: new Set([romashka]) }, items);
    if (!one) throw new Error('nobody listed');
    expect(one.emailsCompared).toBe(false);
    expect(withoutRowText(one)).toContain('e-mail address may still match');
  });

  test('the people that commands look up are kept sealed', async () => {
    const store = memoryStore(() => 'salt');
    const secrets = secretsFrom('ab'.repeat(32));
    expect(await keptPeople(store, secrets, teyron)).toBeNull();
    const people = [
      {
        id: as<LocalPersonId>('user:2'),
        name: 'Пётр',
        email: 'petr@teyron.example',
        kind: 'employee' as const,
        active: true,
      },
    ];
    await keepPeople(store, secrets, teyron, people);
    expect(await store.cursor(teyron, 'people')).not.toContain('teyron.example');
    expect(await keptPeople(store, secrets, teyron)).toEqual(people);
  });

  test('people kept by another version in another form count as not read yet', async () => {
    const store = memoryStore(() => 'salt');
    const secrets = secretsFrom('ab'.repeat(32));
    await store.putCursor(teyron, 'people', secrets.encrypt('[{"id":"user:2"}]', 'people:teyron'));
    expect(await keptPeople(store, secrets, teyron)).toBeNull();
    const others = secretsFrom('cd'.repeat(32));
    await expect(keptPeople(store, others, teyron)).rejects.toThrow();
  });
});
