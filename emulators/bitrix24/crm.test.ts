import { describe, expect, test } from '@jest/globals';
import { type Json } from '../common/types.ts';
import { bitrix24 } from './emulator.ts';
import { asRecord } from './values.ts';
import { at, testPortal, type TestPortal } from './testing.ts';

/** A portal with a smart process 1046 of two stages. */
const portalWithProcess = (): TestPortal => {
  const world = bitrix24.dump(testPortal().state);
  const crm = asRecord(asRecord(world)['crm']);
  const stage = (id: number, statusId: string, sort: number, semantics: string | null): Json => ({
    id,
    entityId: 'DYNAMIC_1046_STAGE_9',
    statusId,
    name: statusId,
    sort,
    semantics,
  });
  const smart = {
    types: [...(crm['types'] as Json[]), { entityTypeId: 1046, title: 'Заявка' }],
    categories: [
      ...(crm['categories'] as Json[]),
      { id: 9, entityTypeId: 1046, name: 'Заявки', isDefault: true },
    ],
    statuses: [
      ...(crm['statuses'] as Json[]),
      stage(901, 'DT1046_9:NEW', 10, null),
      stage(902, 'DT1046_9:SUCCESS', 20, 'S'),
    ],
  };
  const portal = testPortal({}, { ...asRecord(world), crm: { ...crm, ...smart } });
  if (portal.state.outgoing !== null) {
    portal.state.outgoing.handler = 'https://bridge.example/hook';
    portal.state.outgoing.events = ['ONCRMDEALADD', 'ONCRMDEALUPDATE', 'ONCRMDYNAMICITEMADD'];
  }
  return portal;
};

const deal = (portal: TestPortal, fields: { readonly [key: string]: Json }): Json =>
  at(portal.call(3, 'crm.item.add', { entityTypeId: 2, fields }).body, 'result', 'item') ?? null;

describe('crm.item.* of deals and smart processes', () => {
  test('smart processes are listed, deals are none (crm-type-list.md, crm-category-get.md, crm-item-fields.md)', () => {
    const portal = portalWithProcess();
    const listed = portal.call(3, 'crm.type.list').body;
    expect(listed).toMatchObject({ total: 1 });
    expect(at(listed, 'result', 'types')).toMatchObject([
      { entityTypeId: 1046, title: 'Заявка', isCategoriesEnabled: 'Y', customSectionId: null },
    ]);
    expect(portal.call(3, 'crm.type.getByEntityTypeId', { entityTypeId: 2 }).body['error']).toBe('NOT_FOUND');
    const category = portal.call(3, 'crm.category.get', { entityTypeId: 1046, id: 9 }).body;
    expect(at(category, 'result', 'category')).toMatchObject({ id: 9, isDefault: 'Y', originId: '' });
    const fields = at(portal.call(3, 'crm.item.fields', { entityTypeId: 1046 }).body, 'result', 'fields');
    expect(at(fields, 'createdTime')).toEqual({
      type: 'datetime',
      isRequired: false,
      isReadOnly: true,
      isImmutable: false,
      isMultiple: false,
      isDynamic: false,
      title: 'Когда создан',
      upperName: 'CREATED_TIME',
    });
  });

  test('a deal begins in the first stage of its pipeline, an update that changes nothing is silent', () => {
    const portal = portalWithProcess();
    const made = deal(portal, { title: 'Поставка', opportunity: '19000', ufCrm_172: 'а', UF_CRM_2_16: 7 });
    expect(made).toMatchObject({ stageId: 'NEW', categoryId: 0, assignedById: 3, opportunity: 19_000 });
    expect(made).toMatchObject({ ufCrm_172: 'а', ufCrm2_16: 7, stageSemanticId: 'P', entityTypeId: 2 });
    const id = at(made, 'id') ?? 0;
    expect(portal.events()).toMatchObject([{ event: 'ONCRMDEALADD', data: { FIELDS: { ID: String(id) } } }]);
    const update = (fields: Json) => portal.call(5, 'crm.item.update', { entityTypeId: 2, id, fields });
    expect(at(update({ title: 'Поставка' }).body, 'result', 'item', 'updatedBy')).toBe(3);
    expect(portal.events()).toEqual([]);
    const won = update({ stageId: 'WON' });
    expect(at(won.body, 'result', 'item')).toMatchObject({
      stageSemanticId: 'S',
      previousStageId: 'NEW',
      closed: 'Y',
      movedBy: 5,
    });
    expect(portal.events()).toHaveLength(1);
    expect(update({ stageId: 'NOWHERE' }).body['error']).toBe('CRM_FIELD_ERROR_VALUE_NOT_VALID');
  });

  test('lists filter by prefixes and by groups with logic, select narrows, original names come on request', () => {
    const portal = portalWithProcess();
    for (const [title, opportunity] of [
      ['Альфа', 100],
      ['Бета', 200],
      ['Гамма', 300],
    ] as const)
      deal(portal, { title, opportunity, UF_CRM_2_16: title });
    const list = (more: { readonly [key: string]: Json }) =>
      portal.call(3, 'crm.item.list', { entityTypeId: 2, ...more }).body;
    const titles = (more: { readonly [key: string]: Json }) =>
      (at(list(more), 'result', 'items') as Json[]).map((row) => at(row, 'title'));
    expect(titles({ filter: { '>opportunity': 100 }, order: { opportunity: 'DESC' } })).toEqual([
      'Гамма',
      'Бета',
    ]);
    const either = { logic: 'OR', 0: { '%title': 'альф' }, 1: { '=%title': 'Гам%' } };
    expect(titles({ filter: { 0: either } })).toEqual(['Альфа', 'Гамма']);
    expect(titles({ filter: { '!@title': ['Альфа', 'Бета'] } })).toEqual(['Гамма']);
    const narrow = { select: ['id', 'ufCrm2_16'], useOriginalUfNames: 'Y', filter: { title: 'Бета' } };
    expect(at(list(narrow), 'result', 'items')).toEqual([{ id: 2, UF_CRM_2_16: 'Бета' }]);
    expect(list({})['total']).toBe(3);
  });

  test('a smart process has its own stages, pipelines and events; unknown types and items are not found', () => {
    const portal = portalWithProcess();
    const type = { entityTypeId: 1046 };
    const made = portal.call(3, 'crm.item.add', { ...type, fields: { title: 'Ремонт' } });
    expect(at(made.body, 'result', 'item')).toMatchObject({ categoryId: 9, stageId: 'DT1046_9:NEW' });
    expect(portal.events()).toMatchObject([
      { event: 'ONCRMDYNAMICITEMADD', data: { FIELDS: { ENTITY_TYPE_ID: '1046' } } },
    ]);
    const stages = portal.call(3, 'crm.status.list', {
      filter: { ENTITY_ID: 'DYNAMIC_1046_STAGE_9' },
      order: { SORT: 'ASC' },
    });
    expect((stages.body['result'] as Json[]).map((row) => at(row, 'STATUS_ID'))).toEqual([
      'DT1046_9:NEW',
      'DT1046_9:SUCCESS',
    ]);
    const categories = portal.call(3, 'crm.category.list', type);
    expect(at(categories.body, 'result', 'categories')).toMatchObject([{ id: 9, isDefault: 'Y' }]);
    expect(portal.call(3, 'crm.item.delete', { ...type, id: 1 }).body['result']).toEqual([]);
    expect(portal.call(3, 'crm.item.get', { ...type, id: 1 }).body['error']).toBe('NOT_FOUND');
    expect(portal.call(3, 'crm.item.get', { entityTypeId: 77, id: 1 }).body['error']).toBe('NOT_FOUND');
    expect(portal.call(3, 'crm.item.get', { id: 1 }).body['error']).toBe('100');
  });

  test('comments of the timeline are added, edited, listed and removed; a dump keeps everything', () => {
    const portal = portalWithProcess();
    const id = at(deal(portal, { title: 'Поставка' }), 'id') ?? 0;
    const fields = { ENTITY_ID: id, ENTITY_TYPE: 'deal', COMMENT: 'Созвонились', FILES: [['а.txt', '0LA=']] };
    const made = portal.call(3, 'crm.timeline.comment.add', { fields });
    const comment = made.body['result'] ?? 0;
    expect(portal.call(3, 'crm.timeline.comment.add', { FIELDS: fields }).body['error']).toBe('100');
    const edit = { id: comment, fields: { COMMENT: 'Созвонились дважды' } };
    expect(portal.call(3, 'crm.timeline.comment.update', edit).body['result']).toBe(comment);
    expect(portal.call(5, 'crm.timeline.comment.update', edit).body['error']).toBe('ACCESS_DENIED');
    const filter = { ENTITY_ID: id, ENTITY_TYPE: 'deal' };
    const list = portal.call(5, 'crm.timeline.comment.list', { filter });
    expect(list.body).toMatchObject({
      total: 1,
      result: [{ COMMENT: 'Созвонились дважды', AUTHOR_ID: '3', FILES: { 1: { name: 'а.txt', size: 2 } } }],
    });
    const dump = bitrix24.dump(portal.state);
    const again = testPortal({}, JSON.parse(JSON.stringify(dump)) as Json);
    expect(asRecord(bitrix24.dump(again.state))['crm']).toEqual(asRecord(dump)['crm']);
    expect(portal.call(3, 'crm.timeline.comment.delete', { id: comment }).body['result']).toBeNull();
    expect(portal.call(3, 'crm.timeline.comment.get', { id: comment }).body['error']).toBe('NOT_FOUND');
  });
});

describe('methods at the edge of tasks', () => {
  test('disk.file.search finds by name within a scope and refuses what its page refuses', () => {
    const portal = testPortal();
    const upload = (name: string) =>
      portal.call(3, 'disk.folder.uploadfile', {
        id: 7602,
        data: { NAME: name },
        fileContent: [name, '0LA='],
      });
    upload('Смета июнь.xlsx');
    upload('Договор.pdf');
    const search = (params: { readonly [key: string]: Json }) =>
      portal.call(3, 'disk.file.search', params).body;
    expect(search({ QUERY: '  смета   июнь ' })['result']).toMatchObject([{ NAME: 'Смета июнь.xlsx' }]);
    expect(search({ QUERY: 'svyazka', TYPE: 'all', FILTER: { STORAGE_ID: 2401 } })['result']).toMatchObject([
      { TYPE: 'folder', NAME: 'Svyazka' },
    ]);
    expect(search({ QUERY: 'договор', FILTER: { FOLDER_ID: 7602 } })['result']).toHaveLength(1);
    expect(search({})['error']).toBe('ERROR_ARGUMENT');
    expect(search({ QUERY: 'см' })['error']).toBe('INVALID_QUERY');
    expect(search({ QUERY: 'смета', TYPE: 'link' })['error']).toBe('INVALID_TYPE');
    expect(search({ QUERY: 'смета', FILTER: { NAME: 'а' } })['error']).toBe('INVALID_FILTER');
    expect(search({ QUERY: 'смета', FILTER: { FOLDER_ID: 1 } })['error']).toBe('NOT_FOUND');
  });

  test('roles of members change by sonet_group.user.update, an open group takes who asks', () => {
    const portal = testPortal();
    const roles = () =>
      Object.fromEntries(
        (portal.call(1, 'sonet_group.user.get', { ID: 1 }).body['result'] as Json[]).map((row) => [
          at(row, 'USER_ID'),
          at(row, 'ROLE'),
        ]),
      );
    const update = { GROUP_ID: 1, USER_ID: [1, 3], ROLE: 'E' };
    expect(portal.call(3, 'sonet_group.user.update', update).body['error_description']).toContain(
      'No permissions',
    );
    expect(portal.call(1, 'sonet_group.user.update', update).body['result']).toEqual(['3']);
    expect(roles()).toMatchObject({ 1: 'A', 3: 'E', 5: 'K' });
    expect(
      portal.call(1, 'sonet_group.user.update', { ...update, ROLE: 'A' }).body['error_description'],
    ).toBe('Incorrect role code');
    const open = portal.call(1, 'sonet_group.create', { NAME: 'Открытая', OPENED: 'Y', VISIBLE: 'Y' }).body[
      'result'
    ];
    expect(portal.call(7, 'sonet_group.user.request', { GROUP_ID: open ?? 0 }).body['result']).toBe(true);
    expect(
      portal.call(7, 'sonet_group.user.request', { GROUP_ID: open ?? 0 }).body['error_description'],
    ).toBe('Cannot request to join group');
  });

  test('the two descriptions of the old API answer as their pages print', () => {
    const portal = testPortal();
    const fields = portal.call(3, 'task.item.userfield.getfields').body;
    expect(at(fields, 'result', 'LIST')).toMatchObject({ type: 'uf_enum_element', isMultiple: true });
    expect(fields['total']).toBe(0);
    const manifest = portal.call(3, 'task.checklistitem.getmanifest').body['result'];
    expect(at(manifest, 'REST: available methods', 'complete', 'mandatoryParamsCount')).toBe(2);
  });
});
