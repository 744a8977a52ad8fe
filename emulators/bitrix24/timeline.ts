/** crm.timeline.comment.* (api-reference/crm/timeline/comments of the vendor's reference): thin; deals and smart processes. */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method, page } from './call.ts';
import { crmItem } from './crm.ts';
import { type TimelineComment } from './crmWorld.ts';
import { isoAt, seconds } from './moments.ts';
import { nextId } from './state.ts';
import { asInt, asList, asRecord, asText, type Params, phpMap, pick, refuse } from './values.ts';

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `crm.timeline.comment.${name}`,
  version: 2,
  scope: ['crm'],
  write,
  run,
});

/** `deal` is 2, `dynamic_1046` is 1046; whatever else a comment may hang on is not served. */
const typeNamed = (name: string): number =>
  name.toLowerCase() === 'deal' ? 2 : Number(/^dynamic_(\d+)$/i.exec(name)?.[1] ?? 0);

const nameOf = (type: number): string => (type === 2 ? 'deal' : `dynamic_${type}`);

const missing = (name: string): never =>
  refuse(400, '100', `Could not find value for parameter {${name}} (internal error)`);

/** Since crm 23.100.0 the parameter must be spelt `fields`. */
const fieldsOf = (params: Params): { readonly [key: string]: Json } => {
  if (params['fields'] === undefined) return missing('fields');
  return asRecord(params['fields']);
};

const textOf = (value: Json | undefined): string => {
  const text = asText(value).trim();
  return text === '' ? refuse(400, 'INVALID_ARG_VALUE', 'Пустой комментарий') : text;
};

const filesOf = (value: Json | undefined): readonly (readonly [string, string])[] => {
  // The documented form is a list of pairs; a single pair is read as one file.
  const given = asList(value);
  const pairs = given.length > 0 && given.every((item) => typeof item === 'string') ? [given] : given;
  return pairs.map((pair) => {
    const [name, base64] = asList(asRecord(pair)['fileData'] ?? pair);
    return [asText(name), asText(base64)] as const;
  });
};

const ownerOf = (call: Call, type: number, id: number | undefined): { type: number; id: number } => {
  const item = crmItem(call, type, id);
  return item === undefined
    ? refuse(400, 'OWNER_NOT_FOUND', 'Владелец элемента не найден')
    : { type: item.entityTypeId, id: item.id };
};

const commentOf = (call: Call, params: Params): TimelineComment => {
  const given = pick(params, 'id');
  if (given === undefined) return missing('id');
  return call.state.crm.comments.get(asInt(given) ?? 0) ?? refuse(400, 'NOT_FOUND', 'Не найдено.');
};

const own = (call: Call, params: Params): TimelineComment => {
  const comment = commentOf(call, params);
  return comment.author === call.user || call.admin
    ? comment
    : refuse(400, 'ACCESS_DENIED', 'Доступ запрещён');
};

const shownFiles = (call: Call, { id, author, created, files }: TimelineComment): Json =>
  phpMap(
    Object.fromEntries(
      files.map(([name, base64], index): [string, Json] => [
        String(index + 1),
        {
          id: index + 1,
          date: isoAt(call.state, created),
          type: 'file',
          name,
          size: Buffer.from(base64, 'base64').length,
          authorId: author,
          authorName: call.state.users.get(author)?.name ?? '',
          urlDownload: `${call.base}/disk/downloadFile/${id * 100 + index}/?&ncc=1&filename=${encodeURIComponent(name)}`,
        },
      ]),
    ),
  );

const shown = (call: Call, comment: TimelineComment): { [key: string]: Json } => ({
  ID: String(comment.id),
  ENTITY_ID: String(comment.entityId),
  ENTITY_TYPE: nameOf(comment.entityTypeId),
  CREATED: isoAt(call.state, comment.created),
  COMMENT: comment.text,
  AUTHOR_ID: String(comment.author),
  FILES: shownFiles(call, comment),
});

export const timelineMethods: readonly Method[] = [
  method('add', true, (call, params) => {
    const fields = fieldsOf(params);
    for (const name of ['ENTITY_ID', 'ENTITY_TYPE']) if (fields[name] === undefined) missing(name);
    const owner = ownerOf(call, typeNamed(asText(fields['ENTITY_TYPE'])), asInt(fields['ENTITY_ID']));
    const text = textOf(fields['COMMENT']);
    const id = nextId(call.state, 'crm_comment');
    const author = asInt(fields['AUTHOR_ID']);
    call.state.crm.comments.set(id, {
      id,
      entityTypeId: owner.type,
      entityId: owner.id,
      author: author !== undefined && call.state.users.has(author) ? author : call.user,
      created: seconds(call.now),
      text,
      files: filesOf(fields['FILES']),
    });
    return answer(id);
  }),
  method('get', false, (call, params) => answer(shown(call, commentOf(call, params)))),
  method('list', false, (call, params) => {
    const filter = asRecord(pick(params, 'filter'));
    for (const name of ['ENTITY_ID', 'ENTITY_TYPE']) if (filter[name] === undefined) missing(name);
    const owner = ownerOf(call, typeNamed(asText(filter['ENTITY_TYPE'])), asInt(filter['ENTITY_ID']));
    const [key = 'ID', direction = 'ASC'] = Object.entries(asRecord(pick(params, 'order')))[0] ?? [];
    const by = (one: TimelineComment): number =>
      key === 'CREATED' ? one.created : key === 'AUTHOR_ID' ? one.author : one.id;
    const sign = asText(direction).toUpperCase() === 'DESC' ? -1 : 1;
    const rows = [...call.state.crm.comments.values()]
      .filter((one) => one.entityTypeId === owner.type && one.entityId === owner.id)
      .sort((a, b) => (by(a) - by(b)) * sign);
    const select = asList(pick(params, 'select')).map(asText);
    return page(rows, asInt(pick(params, 'start')), (one) => {
      const row = shown(call, one);
      return select.length === 0
        ? row
        : Object.fromEntries(Object.entries(row).filter(([name]) => name === 'ID' || select.includes(name)));
    });
  }),
  method('update', true, (call, params) => {
    const comment = own(call, params);
    const fields = fieldsOf(params);
    comment.text = textOf(fields['COMMENT']);
    if (fields['FILES'] !== undefined) comment.files = filesOf(fields['FILES']);
    return answer(comment.id);
  }),
  method('delete', true, (call, params) => {
    call.state.crm.comments.delete(own(call, params).id);
    return answer(null);
  }),
];
