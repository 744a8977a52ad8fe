/** Files and folders of Drive that move, are copied and removed as trees, and what their fields are (section 13). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { argument, folderOf, idOf, liveFile } from './disk.ts';
import {
  bytesOf,
  canWriteFolder,
  denied,
  nameFree,
  shownFile,
  shownFolder,
  storeFile,
  storeFolder,
} from './diskStore.ts';
import { seconds } from './moments.ts';
import { type DiskFile, type Folder } from './state.ts';
import { asInt, asRecord, asText, type Params, pick, refuse } from './values.ts';

const method = (name: string, write: boolean, run: Method['run']): Method => ({
  name: `disk.${name}`,
  version: 2,
  scope: ['disk'],
  write,
  run,
});

const writable = (call: Call, folder: Folder): Folder =>
  canWriteFolder(call.state, folder, call.user) ? folder : denied();

const target = (call: Call, params: Params): Folder => {
  const given = pick(params, 'targetFolderId');
  if (given === undefined) argument(1);
  return writable(call, folderOf(call, asInt(given) ?? 0));
};

/** A folder that is no root of a storage; `doing` names what is refused for a root. */
export const branch = (call: Call, params: Params, doing: string): Folder => {
  const folder = writable(call, folderOf(call, idOf(params)));
  const root = [...call.state.storages.values()].some((storage) => storage.root === folder.id);
  return root ? refuse(400, 'DISK_OBJ_22000', `Could not ${doing} root folder`) : folder;
};

/** A folder of this name among those of another. */
const folderNameFree = (call: Call, parent: number, name: string): void => {
  const taken = [...call.state.folders.values()].some((one) => one.parent === parent && one.name === name);
  if (taken) refuse(400, 'DISK_OBJ_22000', `Объект с именем «${name}» уже существует`);
};

const within = (call: Call, folder: Folder, inner: Folder): boolean => {
  for (let at: Folder | undefined = inner; at !== undefined; at = call.state.folders.get(at.parent)) {
    if (at.id === folder.id) return true;
  }
  return false;
};

const copyFile = (call: Call, file: DiskFile, to: Folder): DiskFile =>
  storeFile(call, {
    name: file.name,
    bytes: bytesOf(file),
    storage: to.storage,
    folder: to.id,
    unique: false,
  });

/** Copies a folder with all that is in it. */
const copyTree = (call: Call, folder: Folder, to: Folder): Folder => {
  const { state, now } = call;
  const inner = [...state.folders.values()].filter((one) => one.parent === folder.id);
  const files = [...state.files.values()].filter((file) => file.folder === folder.id && file.deleted === 0);
  const made = storeFolder(state, now, {
    name: folder.name,
    storage: to.storage,
    parent: to.id,
    writableBy: to.writableBy,
    createdBy: call.user,
  });
  for (const file of files) copyFile(call, file, made);
  for (const one of inner) copyTree(call, one, made);
  return made;
};

const removeTree = (call: Call, folder: Folder): void => {
  for (const inner of [...call.state.folders.values()])
    if (inner.parent === folder.id) removeTree(call, inner);
  for (const file of [...call.state.files.values()]) {
    if (file.folder === folder.id) call.state.files.delete(file.id);
  }
  call.state.folders.delete(folder.id);
};

const numbered = (shown: Json, key: string): Json => {
  const row = asRecord(shown);
  return { ...row, [key]: asInt(row[key]) ?? null };
};

const described = (fields: readonly (readonly [string, string, boolean])[]): Method['run'] => {
  const result = Object.fromEntries(
    fields.map(([name, TYPE, USE_IN_FILTER]): [string, Json] => [
      name,
      { TYPE, USE_IN_FILTER, USE_IN_SHOW: true },
    ]),
  );
  return () => answer(result);
};

const ofFolders = [
  ['ID', 'integer', true],
  ['NAME', 'string', true],
  ['TYPE', 'enum', true],
  ['CODE', 'string', true],
  ['STORAGE_ID', 'integer', true],
  ['REAL_OBJECT_ID', 'integer', false],
  ['PARENT_ID', 'integer', true],
  ['CREATE_TIME', 'datetime', true],
  ['UPDATE_TIME', 'datetime', true],
  ['DELETE_TIME', 'datetime', true],
  ['CREATED_BY', 'integer', false],
  ['UPDATED_BY', 'integer', false],
  ['DELETED_BY', 'integer', false],
  ['DELETED_TYPE', 'enum', false],
] as const;

const ofFiles = [
  ...ofFolders.filter(([name]) => name !== 'REAL_OBJECT_ID'),
  ['GLOBAL_CONTENT_VERSION', 'integer', false],
  ['FILE_ID', 'integer', false],
  ['SIZE', 'integer', false],
] as const;

const ofStorages = [
  ['ID', 'integer', true],
  ['NAME', 'string', true],
  ['CODE', 'string', true],
  ['MODULE_ID', 'string', false],
  ['ENTITY_TYPE', 'string', true],
  ['ENTITY_ID', 'string', true],
  ['ROOT_OBJECT_ID', 'integer', false],
] as const;

export const diskMoveMethods: readonly Method[] = [
  method('storage.gettypes', false, () => answer(['user', 'common', 'group'])),
  method('storage.getfields', false, described(ofStorages)),
  method('folder.getfields', false, described(ofFolders)),
  method('file.getfields', false, described(ofFiles)),
  method('file.copyto', true, (call, params) => {
    const file = liveFile(call, idOf(params));
    return answer(shownFile(call, copyFile(call, file, target(call, params)), true));
  }),
  method('file.moveto', true, (call, params) => {
    const file = liveFile(call, idOf(params));
    if (file.createdBy !== call.user && !call.admin) writable(call, folderOf(call, file.folder));
    const to = target(call, params);
    if (to.id !== file.folder) nameFree(call.state, to.id, file.name);
    file.folder = to.id;
    file.storage = to.storage;
    file.updated = seconds(call.now);
    return answer(numbered(shownFile(call, file), 'PARENT_ID'));
  }),
  method('folder.rename', true, (call, params) => {
    const folder = branch(call, params, 'rename');
    const name = asText(pick(params, 'newName') ?? argument(1)).trim();
    if (name === '') refuse(400, '0', 'Empty name');
    if (name !== folder.name) folderNameFree(call, folder.parent, name);
    folder.name = name;
    return answer(shownFolder(call, folder));
  }),
  method('folder.copyto', true, (call, params) => {
    const folder = folderOf(call, idOf(params));
    const to = target(call, params);
    folderNameFree(call, to.id, folder.name);
    return answer(shownFolder(call, copyTree(call, folder, to), true));
  }),
  method('folder.moveto', true, (call, params) => {
    const folder = branch(call, params, 'move');
    const to = target(call, params);
    // Folders of other storages are out of reach, and a folder can not stand in itself.
    if (to.storage !== folder.storage || within(call, folder, to)) return answer(false);
    if (to.id !== folder.parent) folderNameFree(call, to.id, folder.name);
    folder.parent = to.id;
    return answer(numbered(shownFolder(call, folder), 'PARENT_ID'));
  }),
  method('folder.deletetree', true, (call, params) => {
    removeTree(call, branch(call, params, 'delete'));
    return answer(true);
  }),
];
