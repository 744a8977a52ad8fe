/** Versions of files, the trash of folders and what can be shared on Drive (api-reference/disk of the vendor's reference). */
import { type Json } from '../common/types.ts';
import { answer, type Answer, type Call, type Method, page } from './call.ts';
import { argument, changeableFile, folderOf, idOf, liveFile } from './disk.ts';
import { branch } from './diskMoves.ts';
import {
  bytesOf,
  canWriteFolder,
  denied,
  missing,
  overwrite,
  shownFile,
  shownFolder,
  signedLink,
} from './diskStore.ts';
import { isoAt, seconds } from './moments.ts';
import { type Row, rowPasses, rowsInOrder } from './rowFilter.ts';
import { type DiskFile } from './state.ts';
import { asInt, asRecord, asText, type Params, pick, refuse } from './values.ts';

/** A version is numbered by its file and its place among the versions of that file. */
const step = 1000;
const versionId = (file: DiskFile, number: number): number => file.id * step + number;

interface Version {
  readonly number: number;
  readonly name: string;
  readonly size: number;
  readonly created: number;
  readonly createdBy: number;
}

/** All versions of a file, the present one first. */
const versionsOf = (file: DiskFile): Version[] => [
  {
    number: file.version,
    name: file.name,
    size: file.size,
    created: file.updated,
    createdBy: file.createdBy,
  },
  ...file.past.map((one) => ({ ...one, size: one.bytes.length })).reverse(),
];

const shown = (call: Call, file: DiskFile, version: Version): Row => ({
  ID: String(versionId(file, version.number)),
  OBJECT_ID: String(file.id),
  SIZE: String(version.size),
  NAME: version.name,
  GLOBAL_CONTENT_VERSION: String(version.number),
  CREATE_TIME: isoAt(call.state, version.created),
  CREATED_BY: String(version.createdBy),
  DOWNLOAD_URL: signedLink(call, { file: file.id, version: version.number }),
});

const list = (call: Call, params: Params): Answer => {
  const file = liveFile(call, idOf(params));
  const rows = versionsOf(file)
    .map((version) => shown(call, file, version))
    .filter((row) => rowPasses(call.state, row, pick(params, 'filter')));
  const order = asRecord(pick(params, 'order'));
  const sorted = Object.keys(order).length === 0 ? rows : rowsInOrder(call.state, rows, order);
  return page(sorted, asInt(pick(params, 'start')), (row) => row);
};

/** A version by its number, with its file if the caller may read that. */
const versionAt = (call: Call, id: number): { file: DiskFile; version: Version } => {
  const file = call.state.files.get(Math.floor(id / step));
  const version = file === undefined ? undefined : versionsOf(file).find((one) => one.number === id % step);
  if (file === undefined || version === undefined) return missing(id);
  return { file: liveFile(call, file.id), version };
};

const get = (call: Call, params: Params): Answer => {
  const id = asInt(pick(params, 'id'));
  if (id === undefined) return refuse(400, 'ERROR_ARGUMENT', 'Invalid value of parameter `id`');
  const { file, version } = versionAt(call, id);
  return answer(shown(call, file, version));
};

/** disk.file.restoreFromVersion: the old content becomes the newest version. */
const restoreFrom = (call: Call, params: Params): Answer => {
  const file = changeableFile(call, params);
  const id = asInt(pick(params, 'versionId')) ?? argument(1);
  const found = versionAt(call, id);
  if (found.file !== file) refuse(400, 'DISK_FILE_22004', 'Cannot restore version from another file');
  const past = file.past.find((one) => one.number === found.version.number);
  overwrite(call, file, past?.bytes ?? bytesOf(file));
  const row = asRecord(shownFile(call, file));
  return answer({ ...row, GLOBAL_CONTENT_VERSION: file.version });
};

/** A folder answers its state in the trash as a number right after it changed. */
const withDeleted = (row: Json, deleted: 0 | 3): Json => ({ ...asRecord(row), DELETED_TYPE: deleted });

const restoreFolder = (call: Call, params: Params): Answer => {
  const id = idOf(params);
  const folder = call.state.folders.get(id) ?? missing(id);
  if (!canWriteFolder(call.state, folder, call.user)) denied();
  const row = withDeleted(shownFolder(call, folder), 0);
  folder.trashed = null;
  return answer(row);
};

const levels = [
  { ID: '79', NAME: 'disk_access_full', TITLE: 'Полный доступ' },
  { ID: '75', NAME: 'disk_access_edit', TITLE: 'Редактирование' },
  { ID: '71', NAME: 'disk_access_read', TITLE: 'Чтение' },
];

/** Reading is for everybody here; who may add and edit joins those who write into the folder. */
const share = (call: Call, params: Params): Answer => {
  const folder = folderOf(call, idOf(params));
  const user = asInt(pick(params, 'userId')) ?? argument(1);
  const level = asText(pick(params, 'taskName') ?? argument(2));
  if (!/^disk_access_(read|add|edit|full)$/.test(level)) denied();
  const writes = level !== 'disk_access_read';
  if (writes && !canWriteFolder(call.state, folder, call.user)) denied();
  if (writes && folder.writableBy?.includes(user) === false) folder.writableBy.push(user);
  return answer(true);
};

const rename = (call: Call, params: Params): Answer => {
  const id = idOf(params);
  const storage = call.state.storages.get(id) ?? missing(id);
  if (storage.entityType !== 'restapp') refuse(400, '', 'Access denied (invalid type of storage)');
  if (!call.admin) denied();
  storage.name = asText(pick(params, 'newName') ?? argument(1)).trim() || storage.name;
  return answer({
    ID: String(storage.id),
    NAME: storage.name,
    CODE: null,
    MODULE_ID: 'disk',
    ENTITY_TYPE: storage.entityType,
    ENTITY_ID: storage.entityId,
    ROOT_OBJECT_ID: String(storage.root),
  });
};

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `disk.${name}`,
  version: 2,
  scope: ['disk'],
  write,
  run,
});

export const diskVersionMethods: readonly Method[] = [
  method('file.getversions', false, list),
  method('file.restorefromversion', true, restoreFrom),
  method('version.get', false, get),
  method('folder.markdeleted', true, (call, params) => {
    const folder = branch(call, params, 'delete');
    folder.trashed = { at: seconds(call.now), by: call.user };
    return answer(withDeleted(shownFolder(call, folder), 3));
  }),
  method('folder.restore', true, restoreFolder),
  method('folder.getexternallink', true, (call, params) =>
    answer(`${call.base}/~${folderOf(call, idOf(params)).id.toString(36)}`),
  ),
  method('folder.sharetouser', true, share),
  method('rights.gettasks', false, () => answer(levels)),
  method('storage.rename', true, rename),
];
