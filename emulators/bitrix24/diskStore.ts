/** Drive as data: files with their bytes, folders, links (section 13). */
import { type Instant, type Json } from '../common/types.ts';
import { type Call } from './call.ts';
import { isoAt, seconds } from './moments.ts';
import { isAdmin } from './rights.ts';
import { type DiskFile, type Folder, nextId, type State } from './state.ts';
import { refuse } from './values.ts';

/** FILE_ID of the inner blob: another number than the ID of the Drive object. */
export const blobId = (file: DiskFile): number => file.id + 19_411;

/** Bytes of a file; those that a world names by size only are made up from its number, always the same. */
export const bytesOf = (file: DiskFile): Uint8Array => {
  if (file.bytes !== null) return file.bytes;
  const bytes = new Uint8Array(file.size);
  let word = (file.id * 2_654_435_761) >>> 0;
  for (let index = 0; index < bytes.length; index += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = 32 + ((word >>> 24) % 95);
  }
  file.bytes = bytes;
  return bytes;
};

export const missing = (id: number | string): never =>
  refuse(400, 'ERROR_NOT_FOUND', `Could not find entity with id \`${id}\``);

export const denied = (): never => refuse(400, 'ACCESS_DENIED', 'Access denied');

export const canWriteFolder = (state: State, folder: Folder, user: number): boolean => {
  if (user === 0 || isAdmin(state, user)) return true;
  if (folder.chat !== null) return state.chats.get(folder.chat)?.members.includes(user) === true;
  return folder.writableBy === null
    ? state.users.get(user)?.type === 'employee'
    : folder.writableBy.includes(user);
};

const childNamed = (state: State, folder: number, name: string): boolean => {
  for (const file of state.files.values()) {
    if (file.folder === folder && file.deleted === 0 && file.name === name) return true;
  }
  return false;
};

/** Refuses a name that another file of the folder has. */
export const nameFree = (state: State, folder: number, name: string): void => {
  if (childNamed(state, folder, name)) {
    refuse(400, 'DISK_OBJ_22000', `Объект с именем «${name}» уже существует`);
  }
};

const uniqueName = (state: State, folder: number, name: string): string => {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let copy = 1; ; copy += 1) {
    const candidate = `${stem} (${copy})${end}`;
    if (!childNamed(state, folder, candidate)) return candidate;
  }
};

export interface NewFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly storage: number;
  readonly folder: number;
  readonly chat?: number;
  readonly unique: boolean;
}

/** Stores a file. Throws Refusal when its name is taken and no unique one was asked for. */
export const storeFile = (call: Call, draft: NewFile): DiskFile => {
  const { state, now } = call;
  const taken = draft.folder !== 0 && childNamed(state, draft.folder, draft.name);
  if (taken && !draft.unique) nameFree(state, draft.folder, draft.name);
  const at = seconds(now);
  const file: DiskFile = {
    id: nextId(state, 'disk_file'),
    name: taken ? uniqueName(state, draft.folder, draft.name) : draft.name,
    size: draft.bytes.length,
    storage: draft.storage,
    folder: draft.folder,
    chat: draft.chat ?? null,
    readableBy: null,
    bytes: draft.bytes,
    createdBy: call.user,
    created: at,
    updated: at,
    version: 1,
    past: [],
    deleted: 0,
    trashed: null,
  };
  state.files.set(file.id, file);
  return file;
};

/** Gives a file other bytes; what it held becomes an earlier version. */
export const overwrite = (call: Call, file: DiskFile, bytes: Uint8Array): void => {
  file.past.push({
    number: file.version,
    name: file.name,
    bytes: bytesOf(file),
    created: file.updated,
    createdBy: file.createdBy,
  });
  file.bytes = bytes;
  file.size = bytes.length;
  file.version += 1;
  file.updated = seconds(call.now);
};

/** Makes a folder; its number is one of the Drive objects. */
export const storeFolder = (
  state: State,
  now: Instant,
  draft: {
    name: string;
    storage: number;
    parent: number;
    writableBy: number[] | null;
    createdBy: number;
    chat?: number;
  },
): Folder => {
  const folder: Folder = {
    id: nextId(state, 'disk_file'),
    name: draft.name,
    storage: draft.storage,
    parent: draft.parent,
    writableBy: draft.writableBy,
    createdBy: draft.createdBy,
    created: seconds(now),
    chat: draft.chat ?? null,
    trashed: null,
  };
  state.folders.set(folder.id, folder);
  return folder;
};

const based = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

/** Address of a signed link to one file, an earlier version of it, or an upload folder; it holds the credential. */
export const signedLink = (
  call: Call,
  what: { file: number; version?: number } | { folder: number },
): string => {
  const isFile = 'file' in what;
  const version = isFile ? (what.version ?? null) : null;
  const of = version === null ? '' : `&v=${version}`;
  const key = isFile ? `id=${what.file}&u=${call.user}${of}` : `in=${what.folder}&u=${call.user}`;
  const token = `disk|${based(key)}|${based(call.credential).slice(0, 8)}`;
  call.state.links.set(token, {
    token,
    auth: call.credential,
    user: call.user,
    file: isFile ? what.file : null,
    folder: isFile ? null : what.folder,
    version,
    once: false,
  });
  const page = isFile ? 'download.json' : 'upload.json';
  return `${call.base}/rest/${page}?auth=${encodeURIComponent(call.credential)}&token=${encodeURIComponent(token)}`;
};

/** A file as disk.* methods answer it: ids are numbers right after an upload and texts later. */
export const shownFile = (call: Call, file: DiskFile, fresh = false): Json => {
  const number = (id: number): Json => (fresh ? id : String(id));
  return {
    ID: number(file.id),
    NAME: file.name,
    CODE: null,
    STORAGE_ID: String(file.storage),
    TYPE: 'file',
    PARENT_ID: String(file.folder),
    DELETED_TYPE: number(file.deleted),
    GLOBAL_CONTENT_VERSION: number(file.version),
    FILE_ID: number(blobId(file)),
    SIZE: String(file.size),
    CREATE_TIME: isoAt(call.state, file.created),
    UPDATE_TIME: isoAt(call.state, file.updated),
    DELETE_TIME: file.trashed === null ? null : isoAt(call.state, file.trashed.at),
    CREATED_BY: String(file.createdBy),
    UPDATED_BY: String(file.createdBy),
    DELETED_BY: fresh ? null : String(file.trashed?.by ?? 0),
    DOWNLOAD_URL: signedLink(call, { file: file.id }),
    DETAIL_URL: `https://${call.state.portal.domain}/company/personal/user/${file.createdBy}/disk/file/${call.state.folders.get(file.folder)?.name ?? ''}/${file.name}`,
  };
};

/** A folder; made just now its numbers are numbers, as those of an uploaded file. */
export const shownFolder = (call: Call, folder: Folder, fresh = false): Json => ({
  ID: fresh ? folder.id : String(folder.id),
  NAME: folder.name,
  CODE: null,
  STORAGE_ID: String(folder.storage),
  TYPE: 'folder',
  REAL_OBJECT_ID: fresh ? folder.id : String(folder.id),
  PARENT_ID: folder.parent === 0 ? null : String(folder.parent),
  DELETED_TYPE: fresh ? 0 : '0',
  CREATE_TIME: isoAt(call.state, folder.created),
  UPDATE_TIME: isoAt(call.state, folder.created),
  DELETE_TIME: folder.trashed === null ? null : isoAt(call.state, folder.trashed.at),
  CREATED_BY: String(folder.createdBy),
  UPDATED_BY: String(folder.createdBy),
  DELETED_BY: fresh ? null : String(folder.trashed?.by ?? 0),
  DETAIL_URL: `https://${call.state.portal.domain}/company/personal/user/${folder.createdBy}/disk/path/${folder.name}`,
});
