/** The CRM of a portal as far as a mirrored task touches it: deals, smart processes, their stages and timelines (section 22). */
import { type Instant, type Json } from '../common/types.ts';
import { iso } from './moments.ts';
import { type State } from './state.ts';
import { asRecord } from './values.ts';
import { flagAt, idAt, intAt, maybeText, momentAt, type Row, rowsAt, textAt } from './worldReader.ts';

export interface CrmType {
  readonly entityTypeId: number;
  readonly title: string;
}

/** A pipeline ("funnel"). */
export interface CrmCategory {
  readonly id: number;
  readonly entityTypeId: number;
  readonly name: string;
  readonly sort: number;
  readonly isDefault: boolean;
}

/** An entry of a directory of CRM; stages of deals and smart processes are such entries. */
export interface CrmStatus {
  readonly id: number;
  readonly entityId: string;
  readonly statusId: string;
  readonly name: string;
  readonly sort: number;
  readonly system: boolean;
  readonly color: string;
  /** S won, F lost, null in work. */
  readonly semantics: 'S' | 'F' | null;
  readonly categoryId: number | null;
}

export interface CrmItem {
  readonly entityTypeId: number;
  readonly id: number;
  createdBy: number;
  created: Instant;
  updatedBy: number;
  updated: Instant;
  movedBy: number;
  moved: Instant;
  /** Everything else, by its camelCase name. */
  fields: { [name: string]: Json };
}

export interface TimelineComment {
  readonly id: number;
  readonly entityTypeId: number;
  readonly entityId: number;
  readonly author: number;
  readonly created: Instant;
  text: string;
  /** Files as `[name, base64]`. */
  files: readonly (readonly [string, string])[];
}

export interface Crm {
  types: CrmType[];
  categories: CrmCategory[];
  statuses: CrmStatus[];
  /** By `entityTypeId:id`. */
  items: Map<string, CrmItem>;
  comments: Map<number, TimelineComment>;
}

export const itemKey = (entityTypeId: number, id: number): string => `${entityTypeId}:${id}`;

/** Directory of the stages of a pipeline. */
export const stagesOf = (entityTypeId: number, category: number): string => {
  if (entityTypeId !== 2) return `DYNAMIC_${entityTypeId}_STAGE_${category}`;
  return category === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${category}`;
};

const dealStages: readonly (readonly [string, string, string, 'S' | 'F' | null])[] = [
  ['NEW', 'Новая', '#39A8EF', null],
  ['PREPARATION', 'Подготовка документов', '#2FC6F6', null],
  ['PREPAYMENT_INVOICE', 'Счёт на предоплату', '#55D0E0', null],
  ['EXECUTING', 'В работе', '#47E4C2', null],
  ['FINAL_INVOICE', 'Финальный счёт', '#FFA900', null],
  ['WON', 'Сделка успешна', '#7BD500', 'S'],
  ['LOSE', 'Сделка провалена', '#FF5752', 'F'],
];

/** What every portal has: the pipeline of deals with the vendor's stages. */
export const freshCrm = (): Crm => ({
  types: [{ entityTypeId: 2, title: 'Сделка' }],
  categories: [{ id: 0, entityTypeId: 2, name: 'Общее', sort: 300, isDefault: true }],
  statuses: dealStages.map(([statusId, name, color, semantics], index) => ({
    id: 101 + 2 * index,
    entityId: 'DEAL_STAGE',
    statusId,
    name,
    sort: 10 * (index + 1),
    system: index === 0 || semantics !== null,
    color,
    semantics,
    categoryId: null,
  })),
  items: new Map(),
  comments: new Map(),
});

const semanticsAt = (row: Row): 'S' | 'F' | null =>
  row['semantics'] === 'S' ? 'S' : row['semantics'] === 'F' ? 'F' : null;

/** Reads `crm` of a world; types, pipelines and stages that it lists replace those of a fresh portal. */
export const readCrm = (state: State, world: Row, now: Instant): void => {
  const crm = freshCrm();
  state.crm = crm;
  const row = asRecord(world['crm']);
  const types = rowsAt(row['types'], 'crm/types').map((type) => ({
    entityTypeId: idAt(type, 'entityTypeId', 'crm/types'),
    title: textAt(type, 'title'),
  }));
  if (types.length > 0) crm.types = types;
  const categories = rowsAt(row['categories'], 'crm/categories').map((category) => ({
    id: idAt(category, 'id', 'crm/categories'),
    entityTypeId: idAt(category, 'entityTypeId', 'crm/categories'),
    name: textAt(category, 'name'),
    sort: intAt(category, 'sort', 300),
    isDefault: flagAt(category, 'isDefault', false),
  }));
  if (categories.length > 0) crm.categories = categories;
  const statuses = rowsAt(row['statuses'], 'crm/statuses').map((status) => ({
    id: idAt(status, 'id', 'crm/statuses'),
    entityId: textAt(status, 'entityId'),
    statusId: textAt(status, 'statusId'),
    name: textAt(status, 'name'),
    sort: intAt(status, 'sort', 10),
    system: flagAt(status, 'system', false),
    color: textAt(status, 'color', '#39A8EF'),
    semantics: semanticsAt(status),
    categoryId: typeof status['categoryId'] === 'number' ? status['categoryId'] : null,
  }));
  if (statuses.length > 0) crm.statuses = statuses;
  for (const item of rowsAt(row['items'], 'crm/items')) {
    const entityTypeId = idAt(item, 'entityTypeId', 'crm/items');
    const id = idAt(item, 'id', 'crm/items');
    const created = momentAt(item, 'created') ?? now;
    const createdBy = intAt(item, 'createdBy', 1);
    crm.items.set(itemKey(entityTypeId, id), {
      entityTypeId,
      id,
      createdBy,
      created,
      updatedBy: intAt(item, 'updatedBy', createdBy),
      updated: momentAt(item, 'updated') ?? created,
      movedBy: intAt(item, 'movedBy', createdBy),
      moved: momentAt(item, 'moved') ?? created,
      fields: { ...asRecord(item['fields']) },
    });
  }
  for (const comment of rowsAt(row['comments'], 'crm/comments')) {
    const id = idAt(comment, 'id', 'crm/comments');
    crm.comments.set(id, {
      id,
      entityTypeId: idAt(comment, 'entityTypeId', 'crm/comments'),
      entityId: idAt(comment, 'entityId', 'crm/comments'),
      author: intAt(comment, 'author', 1),
      created: momentAt(comment, 'created') ?? now,
      text: maybeText(comment, 'text') ?? '',
      files: rowsAt(comment['files'], 'crm/comments/files').map(
        (file) => [textAt(file, 'name'), textAt(file, 'base64')] as const,
      ),
    });
  }
};

/** `crm` of a dump. */
export const crmRows = (state: State): Json => ({
  types: state.crm.types.map((type): Json => ({ ...type })),
  categories: state.crm.categories.map((category): Json => ({ ...category })),
  statuses: state.crm.statuses.map((status): Json => ({ ...status })),
  items: [...state.crm.items.values()].map((item): Json => ({
    ...item,
    created: iso(state, item.created),
    updated: iso(state, item.updated),
    moved: iso(state, item.moved),
  })),
  comments: [...state.crm.comments.values()].map((comment): Json => ({
    ...comment,
    created: iso(state, comment.created),
    files: comment.files.map(([name, base64]): Json => ({ name, base64 })),
  })),
});
