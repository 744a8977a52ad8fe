/** Drive of a world: storages, folders, files with their bytes, links. */
import { type Instant } from '../common/types.ts';
import { type State } from './state.ts';
import { asRecord } from './values.ts';
import {
  bytesAt,
  flagAt,
  idAt,
  idsAt,
  intAt,
  maybeInt,
  momentAt,
  type Row,
  rowAt,
  rowsAt,
  textAt,
} from './worldReader.ts';
import { highest } from './worldTasks.ts';

const trashedAt = (row: Row): { at: Instant; by: number } | null => {
  const at = momentAt(row, 'trashed');
  return at === null ? null : { at, by: intAt(row, 'trashed_by', 0) };
};

/** Reads the Drive of a world. */
export const readDisk = (state: State, world: Row, now: Instant): void => {
  const disk = asRecord(world['disk']);
  const storages = rowsAt(disk['storages'], 'disk/storages');
  const single = disk['storage'];
  const own = single == null ? undefined : rowAt(single, 'disk/storage');
  const ownId = own === undefined ? 0 : idAt(own, 'id', 'disk/storage');
  const ownRoot = own === undefined ? 0 : idAt(own, 'root', 'disk/storage');
  const folder = (
    id: number,
    name: string,
    storage: number,
    parent: number,
    writableBy: number[] | null,
    createdBy: number,
  ): void => {
    if (state.folders.has(id)) return;
    state.folders.set(id, {
      id,
      name,
      storage,
      parent,
      writableBy,
      createdBy,
      created: now,
      chat: null,
      trashed: null,
    });
  };
  if (own !== undefined && storages.length === 0) {
    const owner = intAt(own, 'owner', 0);
    state.storages.set(ownId, {
      id: ownId,
      name: state.users.get(owner)?.name ?? 'Диск',
      entityType: 'user',
      entityId: String(owner),
      root: ownRoot,
    });
    folder(ownRoot, 'Корень', ownId, 0, [owner], owner);
  }
  for (const row of storages) {
    const id = idAt(row, 'id', 'disk/storages');
    const type = textAt(row, 'entity_type', 'user');
    state.storages.set(id, {
      id,
      name: textAt(row, 'name'),
      entityType: type === 'common' || type === 'group' || type === 'restapp' ? type : 'user',
      entityId: textAt(row, 'entity_id'),
      root: idAt(row, 'root', `disk/storages/${id}`),
    });
  }
  for (const row of rowsAt(disk['folders'], 'disk/folders')) {
    const id = idAt(row, 'id', 'disk/folders');
    state.folders.set(id, {
      id,
      name: textAt(row, 'name'),
      storage: intAt(row, 'storage', ownId),
      parent: intAt(row, 'parent', id === ownRoot ? 0 : ownRoot),
      writableBy: row['writable_by'] == null ? null : idsAt(row, 'writable_by'),
      createdBy: intAt(row, 'created_by', idsAt(row, 'writable_by')[0] ?? 1),
      created: momentAt(row, 'created') ?? now,
      chat: maybeInt(row, 'chat'),
      trashed: trashedAt(row),
    });
  }
  for (const row of rowsAt(disk['files'], 'disk/files')) {
    const id = idAt(row, 'id', 'disk/files');
    const bytes = bytesAt(row);
    const created = momentAt(row, 'created') ?? now;
    state.files.set(id, {
      id,
      name: textAt(row, 'name', `file-${id}`),
      size: bytes?.length ?? intAt(row, 'size', 0),
      storage: intAt(row, 'storage', ownId),
      folder: intAt(row, 'folder', ownRoot),
      chat: maybeInt(row, 'chat'),
      readableBy: row['readable_by'] == null ? null : idsAt(row, 'readable_by'),
      bytes,
      createdBy: intAt(
        row,
        'created_by',
        row['chat'] == null ? intAt(asRecord(single ?? null), 'owner', 0) : 0,
      ),
      created,
      updated: momentAt(row, 'updated') ?? created,
      version: intAt(row, 'version', 1),
      past: rowsAt(row['past'], `disk/files/${id}/past`).map((one) => ({
        number: intAt(one, 'number', 1),
        name: textAt(one, 'name'),
        bytes: bytesAt(one) ?? new Uint8Array(0),
        created: momentAt(one, 'created') ?? created,
        createdBy: intAt(one, 'created_by', 0),
      })),
      deleted: intAt(row, 'deleted', 0) === 3 ? 3 : 0,
      trashed: trashedAt(row),
    });
  }
  for (const row of rowsAt(disk['links'], 'disk/links')) {
    const token = textAt(row, 'token');
    state.links.set(token, {
      token,
      auth: textAt(row, 'auth'),
      user: intAt(row, 'user', 0),
      file: maybeInt(row, 'file'),
      folder: maybeInt(row, 'folder'),
      version: maybeInt(row, 'version'),
      once: flagAt(row, 'once', false),
    });
  }
};

/** Every employee has a Drive of his own; those that a world does not name get numbers of their own range. */
export const completeDisk = (state: State, now: Instant): void => {
  let storage = Math.max(2500, highest(state.storages.keys()) + 1);
  let root = Math.max(7800, highest(state.folders.keys()) + 1);
  for (const user of state.users.values()) {
    const has = [...state.storages.values()].some(
      (one) => one.entityType === 'user' && one.entityId === String(user.id),
    );
    if (has || user.hidden || user.type !== 'employee') continue;
    while (state.files.has(root) || state.folders.has(root)) root += 1;
    state.storages.set(storage, {
      id: storage,
      name: user.name,
      entityType: 'user',
      entityId: String(user.id),
      root,
    });
    state.folders.set(root, {
      id: root,
      name: 'Корень',
      storage,
      parent: 0,
      writableBy: [user.id],
      createdBy: user.id,
      created: now,
      chat: null,
      trashed: null,
    });
    storage += 1;
    root += 1;
  }
};
