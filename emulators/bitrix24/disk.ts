/** disk.* methods: storages, folders, files, bindings (section 13). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method, page, pageSize } from './call.ts';
import {
  canWriteFolder,
  denied,
  missing,
  nameFree,
  overwrite,
  shownFile,
  shownFolder,
  signedLink,
  storeFile,
  storeFolder,
} from './diskStore.ts';
import { isoAt, seconds } from './moments.ts';
import { canRead, canReadFile } from './rights.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type DiskFile, type Folder, nextId, type Storage } from './state.ts';
import { asInt, asList, asRecord, asText, isYes, type Params, pick, refuse } from './values.ts';

const scope = ['disk'] as const;

const method = (name: string, write: boolean, run: Method['run'], more: Partial<Method> = {}): Method => ({
  name,
  version: 2,
  scope,
  write,
  run,
  ...more,
});

/** A required parameter that did not come, by its position. */
export const argument = (position: number): never =>
  refuse(400, 'ERROR_ARGUMENT', `Invalid value of parameter {Parameter #${position}}`);

export const idOf = (params: Params): number => {
  const id = pick(params, 'id');
  if (id === undefined || id === null || id === '') argument(0);
  return asInt(id) ?? 0;
};

/** A folder; what lies in the trash is out of reach of the methods. */
export const folderOf = (call: Call, id: number): Folder => {
  const folder = call.state.folders.get(id);
  return folder === undefined || folder.trashed !== null ? missing(id) : folder;
};

export const liveFile = (call: Call, id: number): DiskFile => {
  const file = call.state.files.get(id) ?? missing(id);
  if (!canReadFile(call.state, id, call.user)) denied();
  return file;
};

const storageOf = (call: Call, id: number): Storage => call.state.storages.get(id) ?? missing(id);

const shownStorage = (storage: Storage): Row => ({
  ID: String(storage.id),
  NAME: storage.name,
  CODE: null,
  MODULE_ID: 'disk',
  ENTITY_TYPE: storage.entityType,
  ENTITY_ID: storage.entityId,
  ROOT_OBJECT_ID: String(storage.root),
});

/** Name and bytes of `fileContent: [name, base64]`, or a base64 text alone. */
export const contentOf = (value: Json | undefined): { name: string; bytes: Uint8Array } | undefined => {
  if (value === undefined || value === null) return undefined;
  const list = asList(value);
  const [name, base64] = list.length >= 2 ? [asText(list[0]), asText(list[1])] : ['', asText(list[0])];
  return { name, bytes: new Uint8Array(Buffer.from(base64, 'base64')) };
};

const nameMissing = (): never =>
  refuse(400, 'DISK_BASE_SERVICE_22001', 'Error: required parameter NAME (DISK_BASE_SERVICE_22001)');

const upload = (call: Call, params: Params, folder: Folder): Answer => {
  if (!canWriteFolder(call.state, folder, call.user)) denied();
  const content = contentOf(pick(params, 'fileContent'));
  if (content === undefined) {
    return answer({ field: 'file', uploadUrl: signedLink(call, { folder: folder.id }) });
  }
  // The name stands in `data`; the one beside the content does not count.
  const name = asText(asRecord(pick(params, 'data'))['NAME']);
  if (name === '') nameMissing();
  const file = storeFile(call, {
    name,
    bytes: content.bytes,
    storage: folder.storage,
    folder: folder.id,
    unique: isYes(pick(params, 'generateUniqueName')),
  });
  return answer(shownFile(call, file, true));
};

interface Child {
  readonly row: Row;
  readonly show: () => Json;
}

/** What of a file or folder can be filtered and sorted by. */
const describedObject = (
  call: Call,
  object: {
    readonly id: number;
    readonly name: string;
    readonly created: number;
    readonly createdBy: number;
  },
  type: 'file' | 'folder',
): { readonly row: Row } => ({
  row: {
    ID: String(object.id),
    NAME: object.name,
    TYPE: type,
    CREATE_TIME: isoAt(call.state, object.created),
    CREATED_BY: String(object.createdBy),
  },
});

const children = (call: Call, params: Params, folder: number): Answer => {
  const { state } = call;
  const rows: Child[] = [];
  for (const inner of state.folders.values()) {
    if (inner.parent === folder && inner.trashed === null) {
      rows.push({ ...describedObject(call, inner, 'folder'), show: () => shownFolder(call, inner) });
    }
  }
  for (const file of state.files.values()) {
    if (file.folder === folder && file.deleted === 0 && canReadFile(state, file.id, call.user)) {
      const row = { ...describedObject(call, file, 'file').row, SIZE: String(file.size) };
      rows.push({ row, show: () => shownFile(call, file) });
    }
  }
  const show = new Map<Row, () => Json>(rows.map((child) => [child.row, child.show]));
  const kept = [...show.keys()].filter((row) => rowPasses(state, row, pick(params, 'filter')));
  const order = asRecord(pick(params, 'order'));
  const sorted = rowsInOrder(state, kept, Object.keys(order).length === 0 ? { ID: 'ASC' } : order);
  return page(sorted, asInt(pick(params, 'start')), (row) => show.get(row)?.() ?? null);
};

type Found = { readonly id: number; readonly show: () => Json };

/** disk.file.search: by the name, over everything that the caller may read. */
const search = (call: Call, params: Params): Answer => {
  const { state } = call;
  const given = pick(params, 'QUERY');
  if (given === undefined)
    refuse(400, 'ERROR_ARGUMENT', 'Invalid value of parameter { Parameter #0 [ <required> $QUERY ] }.');
  const query = (typeof given === 'string' ? given : '').replace(/\s+/g, ' ').trim().toLowerCase();
  if (query.length < 3 || query.length > 255)
    refuse(400, 'INVALID_QUERY', 'Search query is invalid. (INVALID_QUERY).');
  const type = asText(pick(params, 'TYPE')) || 'file';
  if (!['file', 'folder', 'all'].includes(type))
    refuse(400, 'INVALID_TYPE', 'Search result type is invalid. (INVALID_TYPE).');
  const filter = asRecord(pick(params, 'FILTER'));
  if (Object.keys(filter).some((key) => key !== 'STORAGE_ID' && key !== 'FOLDER_ID'))
    refuse(400, 'INVALID_FILTER', 'Search filter contains an unknown field. (INVALID_FILTER).');
  const storage = filter['STORAGE_ID'] === undefined ? undefined : (asInt(filter['STORAGE_ID']) ?? 0);
  const folder = filter['FOLDER_ID'] === undefined ? undefined : (asInt(filter['FOLDER_ID']) ?? 0);
  const within = folder === undefined ? undefined : state.folders.get(folder);
  if (
    (storage !== undefined && !state.storages.has(storage)) ||
    (folder !== undefined && (within === undefined || (storage ?? within.storage) !== within.storage))
  ) {
    refuse(400, 'NOT_FOUND', 'Search scope was not found. (NOT_FOUND).');
  }
  const inside = (parent: number): boolean => {
    for (let at = parent; at !== 0; at = state.folders.get(at)?.parent ?? 0) if (at === folder) return true;
    return folder === undefined;
  };
  const fits = (name: string, of: number, parent: number): boolean =>
    name.toLowerCase().includes(query) && (storage === undefined || of === storage) && inside(parent);
  const roots = new Set([...state.storages.values()].map(({ root }) => root));
  const folders = [...state.folders.values()]
    .filter(
      (one) =>
        type !== 'file' &&
        !roots.has(one.id) &&
        one.trashed === null &&
        fits(one.name, one.storage, one.parent),
    )
    .map((one): Found => ({ id: one.id, show: () => shownFolder(call, one) }));
  const files = [...state.files.values()]
    .filter((file) => type !== 'folder' && file.deleted === 0 && fits(file.name, file.storage, file.folder))
    .filter((file) => canReadFile(state, file.id, call.user))
    .map((file): Found => ({ id: file.id, show: () => shownFile(call, file) }));
  const found = [...folders, ...files].sort((a, b) => a.id - b.id);
  const start = Math.min(1000, Math.max(0, asInt(pick(params, 'start')) ?? 0));
  const rows = found.slice(start, start + pageSize).map((one) => one.show());
  const next = start + pageSize;
  return next < found.length ? { result: rows, next } : answer(rows);
};

const ownedBy = (file: DiskFile, call: Call): boolean => file.createdBy === call.user || call.admin;

/** The file that a call names if the caller may change it. */
export const changeableFile = (call: Call, params: Params): DiskFile => {
  const file = liveFile(call, idOf(params));
  const folder = call.state.folders.get(file.folder);
  const may = ownedBy(file, call) || (folder !== undefined && canWriteFolder(call.state, folder, call.user));
  return may ? file : denied();
};

const changed = (call: Call, params: Params, change: (file: DiskFile) => void): Answer => {
  const file = changeableFile(call, params);
  change(file);
  file.updated = seconds(call.now);
  return answer(shownFile(call, file));
};

const attachedObject = (call: Call, params: Params): Answer => {
  const id = idOf(params);
  const attachment = call.state.attachments.get(id) ?? missing(id);
  const task = call.state.tasks.get(attachment.task);
  if (task === undefined || !canRead(call.state, task, call.user)) denied();
  const file = call.state.files.get(attachment.disk) ?? missing(attachment.disk);
  const onTask = attachment.on === 'task';
  return answer({
    ID: String(id),
    OBJECT_ID: String(file.id),
    MODULE_ID: onTask ? 'tasks' : 'forum',
    ENTITY_TYPE: onTask ? 'tasks_task' : 'forum_message',
    ENTITY_ID: String(attachment.owner),
    CREATE_TIME: isoAt(call.state, attachment.created),
    CREATED_BY: String(attachment.createdBy),
    DOWNLOAD_URL: `${call.base}/bitrix/tools/disk/uf.php?attachedId=${id}&auth[auth]=${encodeURIComponent(call.credential)}&action=download&ncc=1`,
    NAME: file.name,
    SIZE: String(file.size),
  });
};

const forApplication = (call: Call): Answer => {
  const { state } = call;
  if (!call.application) refuse(400, 'ACCESS_DENIED', 'Access denied! Application context required');
  if (!call.admin) denied();
  let storage = [...state.storages.values()].find((one) => one.entityType === 'restapp');
  if (storage === undefined) {
    const root: Folder = {
      id: nextId(state, 'folder'),
      name: 'Корень',
      storage: nextId(state, 'storage'),
      parent: 0,
      writableBy: null,
      createdBy: call.user,
      created: seconds(call.now),
      chat: null,
      trashed: null,
    };
    state.folders.set(root.id, root);
    storage = { id: root.storage, name: 'svyazka', entityType: 'restapp', entityId: '3', root: root.id };
    state.storages.set(storage.id, storage);
  }
  return answer(shownStorage(storage));
};

const storages = (call: Call, params: Params): Answer => {
  const rows = [...call.state.storages.values()].filter((storage) => {
    if (storage.entityType === 'restapp') return false;
    if (storage.entityType === 'user' && storage.entityId !== String(call.user) && !call.admin) return false;
    return true;
  });
  const kept = rows.map(shownStorage).filter((row) => rowPasses(call.state, row, pick(params, 'filter')));
  const order = asRecord(pick(params, 'order'));
  const sorted = rowsInOrder(call.state, kept, Object.keys(order).length === 0 ? { ID: 'ASC' } : order);
  return page(sorted, asInt(pick(params, 'start')), (row) => row);
};

export const diskMethods: readonly Method[] = [
  method('disk.storage.getlist', false, storages),
  method('disk.storage.get', false, (call, params) => answer(shownStorage(storageOf(call, idOf(params))))),
  method('disk.storage.getforapp', false, (call) => forApplication(call)),
  method('disk.storage.getchildren', false, (call, params) =>
    children(call, params, storageOf(call, idOf(params)).root),
  ),
  method(
    'disk.storage.uploadfile',
    true,
    (call, params) => upload(call, params, folderOf(call, storageOf(call, idOf(params)).root)),
    { file: true },
  ),
  method('disk.storage.addfolder', true, (call, params) => {
    const storage = storageOf(call, idOf(params));
    return addFolder(call, params, folderOf(call, storage.root));
  }),
  method('disk.folder.get', false, (call, params) => answer(shownFolder(call, folderOf(call, idOf(params))))),
  method('disk.folder.getchildren', false, (call, params) =>
    children(call, params, folderOf(call, idOf(params)).id),
  ),
  method('disk.folder.addsubfolder', true, (call, params) =>
    addFolder(call, params, folderOf(call, idOf(params))),
  ),
  method(
    'disk.folder.uploadfile',
    true,
    (call, params) => upload(call, params, folderOf(call, idOf(params))),
    {
      file: true,
    },
  ),
  method('disk.file.search', false, search),
  method('disk.file.get', false, (call, params) => answer(shownFile(call, liveFile(call, idOf(params))))),
  method('disk.file.rename', true, (call, params) =>
    changed(call, params, (file) => {
      const given = pick(params, 'newName');
      if (given === undefined) argument(1);
      const name = asText(given).trim();
      if (name === '') refuse(400, '0', 'Empty name');
      if (name !== file.name) nameFree(call.state, file.folder, name);
      file.name = name;
    }),
  ),
  method('disk.file.markdeleted', true, (call, params) => {
    const file = changeableFile(call, params);
    file.deleted = 3;
    file.trashed = { at: seconds(call.now), by: call.user };
    return answer(shownFile(call, file));
  }),
  method('disk.file.restore', true, (call, params) => {
    const shown = changed(call, params, (file) => {
      file.deleted = 0;
    });
    // What has just changed is a number, as the page shows.
    return answer({ ...asRecord(shown.result), DELETED_TYPE: 0 });
  }),
  method('disk.file.delete', true, (call, params) => {
    changed(call, params, (file) => {
      call.state.files.delete(file.id);
    });
    return answer(true);
  }),
  method(
    'disk.file.uploadversion',
    true,
    (call, params) => {
      const file = changeableFile(call, params);
      overwrite(call, file, (contentOf(pick(params, 'fileContent')) ?? argument(1)).bytes);
      return answer({ ...asRecord(shownFile(call, file)), GLOBAL_CONTENT_VERSION: file.version });
    },
    { file: true },
  ),
  method('disk.file.getexternallink', true, (call, params) =>
    answer(`${call.base}/~${liveFile(call, idOf(params)).id.toString(36)}`),
  ),
  method('disk.attachedObject.get', false, attachedObject),
];

function addFolder(call: Call, params: Params, parent: Folder): Answer {
  if (!canWriteFolder(call.state, parent, call.user)) denied();
  const name = asText(asRecord(pick(params, 'data'))['NAME']);
  if (name === '') nameMissing();
  const draft = {
    name,
    storage: parent.storage,
    parent: parent.id,
    writableBy: parent.writableBy,
    createdBy: call.user,
  };
  return answer(shownFolder(call, storeFolder(call.state, call.now, draft), true));
}
