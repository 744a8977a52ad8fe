/** Files of task chats: im.v2.File.*, im.disk.* (section 15). */
import { type Json } from '../common/types.ts';
import { answer, type Call, type Method } from './call.ts';
import { accessError, dialogOf, imFile, readsChat } from './chat.ts';
import { blobId, storeFile, storeFolder } from './diskStore.ts';
import { post } from './posts.ts';
import { canReadFile } from './rights.ts';
import { amount } from './settings.ts';
import { type Chat, type DiskFile, type Folder, randomHex, type State } from './state.ts';
import { asIds, asInt, asRecord, asText, type Params, phpMap, pick, refuse } from './values.ts';

const scope = ['im'] as const;

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** The chat by one of its two ids if the caller takes part; unknown and foreign ones are refused alike. */
const memberOf = (call: Call, params: Params): Chat => {
  const id = pick(params, 'CHAT_ID');
  const dialog = pick(params, 'DIALOG_ID');
  if (dialog === undefined && (asInt(id) ?? 0) <= 0) refuse(400, 'CHAT_ID_EMPTY', "Chat ID can't be empty");
  if (dialog !== undefined && id === undefined && !/^(chat|sg)?\d+$/.test(asText(dialog).trim())) {
    refuse(400, 'DIALOG_ID_EMPTY', "Dialog ID can't be empty");
  }
  const chat = id === undefined ? dialogOf(call.state, dialog) : call.state.chats.get(asInt(id) ?? 0);
  return chat?.members.includes(call.user) === true ? chat : accessError();
};

/** The folder on Drive where files of a chat lie. */
const folderOfChat = (call: Call, chat: Chat): Folder => {
  for (const folder of call.state.folders.values()) if (folder.chat === chat.id) return folder;
  const storage = [...call.state.storages.values()].find((one) => one.entityType === 'common');
  return storeFolder(call.state, call.now, {
    name: `chat${chat.id}`,
    storage: storage?.id ?? 0,
    parent: 0,
    writableBy: [],
    createdBy: call.user,
    chat: chat.id,
  });
};

/** A file of a chat with the message that brings it. */
export const postFile = (
  call: Call,
  chat: Chat,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  text: string,
): { message: number; files: number[] } => {
  const ids = files.map((file) => {
    const folder = folderOfChat(call, chat);
    const draft = { ...file, storage: folder.storage, folder: folder.id, chat: chat.id, unique: true };
    return storeFile(call, draft).id;
  });
  return { message: post(call, chat, { author: call.user, text, files: ids }).id, files: ids };
};

/** A file as im.disk.file.commit tells of it beside its im form (im-disk-file-commit.md of the vendor's reference). */
const fileModel = (file: DiskFile): Json => ({
  id: file.id,
  name: file.name,
  createTime: {},
  updateTime: {},
  deleteTime: null,
  code: null,
  xmlId: null,
  storageId: file.storage,
  realObjectId: file.id,
  parentId: file.folder,
  deletedType: file.deleted,
  createdBy: String(file.createdBy),
  updatedBy: String(file.createdBy),
  deletedBy: String(file.trashed?.by ?? 0),
  uniqueCode: `f${file.id}`,
  typeFile: 0,
  globalContentVersion: file.version,
  fileId: blobId(file),
  size: file.size,
  etag: `${file.id}-${file.version}`,
  links: {
    download: `/bitrix/services/main/ajax.php?action=disk.file.download&SITE_ID=s1&fileId=${file.id}`,
    showInGrid: `/bitrix/tools/disk/focus.php?objectId=${file.id}&action=showObjectInGrid&ncc=1`,
  },
});

const upload: Method['run'] = (call, params) => {
  const { state } = call;
  const chat = dialogOf(state, pick(params, 'dialogId'));
  if (chat === undefined) return refuse(400, 'CHAT_NOT_FOUND', 'CHAT_NOT_FOUND');
  if (!chat.members.includes(call.user)) refuse(403, 'ACCESS_DENIED', 'Access denied');
  const fields = asRecord(pick(params, 'fields'));
  const name = asText(fields['name']);
  const content = asText(fields['content']);
  if (name === '' || content === '') refuse(400, 'FILE_EMPTY', 'File name and content are required');
  if (!base64.test(content)) refuse(400, 'FILE_INVALID_CONTENT', 'Invalid base64 content');
  const bytes = new Uint8Array(Buffer.from(content, 'base64'));
  if (bytes.length > amount(state, 'limits.chatFileMax')) refuse(400, 'FILE_TOO_LARGE', 'File is too large');
  const posted = postFile(call, chat, [{ name, bytes }], asText(fields['message']));
  const file = state.files.get(posted.files[0] ?? 0);
  return answer({
    file: file === undefined ? null : imFile(state, file),
    messageId: posted.message,
    chatId: chat.id,
    dialogId: `chat${chat.id}`,
  });
};

const oneTimeLink = (state: State, user: number, file: number, base: string): string => {
  const token = `im|${Buffer.from(`id=${file}`, 'utf8').toString('base64url')}|${randomHex(state, 16)}`;
  state.links.set(token, { token, auth: '', user, file, folder: null, version: null, once: true });
  return `${base}/rest/download.json?token=${encodeURIComponent(token)}`;
};

export const chatFileMethods: readonly Method[] = [
  { name: 'im.v2.File.upload', version: 2, scope, write: true, file: true, run: upload },
  {
    name: 'im.v2.File.download',
    version: 2,
    scope,
    write: false,
    file: true,
    run: (call, params) => {
      const { state } = call;
      const chat = dialogOf(state, pick(params, 'dialogId'));
      if (chat === undefined) return refuse(400, 'CHAT_NOT_FOUND', 'Chat not found');
      if (!readsChat(call, chat)) refuse(403, 'ACCESS_DENIED', 'Access denied');
      const id = asInt(pick(params, 'fileId')) ?? 0;
      if (state.files.get(id)?.chat !== chat.id) refuse(400, 'FILE_NOT_FOUND', 'File not found');
      return answer({ downloadUrl: oneTimeLink(state, call.user, id, call.base) });
    },
  },
  {
    name: 'im.disk.folder.get',
    version: 2,
    scope,
    write: false,
    run: (call, params) => {
      const chat = memberOf(call, params);
      return answer({ ID: folderOfChat(call, chat).id });
    },
  },
  {
    name: 'im.disk.file.commit',
    version: 2,
    scope,
    write: true,
    run: (call, params) => {
      const { state } = call;
      const chat = memberOf(call, params);
      const given = ['UPLOAD_ID', 'FILE_ID', 'DISK_ID'].map((name) => pick(params, name));
      if (given.every((one) => one === undefined)) {
        refuse(400, 'FILES_ERROR', 'List of files is not specified');
      }
      const ids = given.flatMap((one) => asIds(one));
      if (ids.length === 0 || !ids.every((id) => canReadFile(state, id, call.user))) {
        refuse(400, 'SAVE_ERROR', 'Error during saving file to chat');
      }
      const files: { [key: string]: Json } = {};
      for (const id of ids) {
        const file = state.files.get(id);
        if (file === undefined) continue;
        file.chat = chat.id;
        // Dates come as empty maps here, as the page shows.
        files[`upload${id}`] = { ...asRecord(imFile(state, file)), date: {} };
      }
      const message = post(call, chat, {
        author: call.user,
        text: asText(pick(params, 'MESSAGE')),
        files: ids,
      });
      const models = ids.flatMap((id): [string, Json][] => {
        const file = state.files.get(id);
        return file === undefined ? [] : [[`upload${id}`, fileModel(file)]];
      });
      return answer({
        FILES: phpMap(files),
        DISK_ID: ids.map(String),
        FILE_MODELS: phpMap(Object.fromEntries(models)),
        MESSAGE_ID: message.id,
      });
    },
  },
  {
    name: 'im.disk.file.delete',
    version: 2,
    scope,
    write: true,
    run: (call, params) => {
      const chatId = asInt(pick(params, 'CHAT_ID')) ?? 0;
      const id = asInt(pick(params, 'FILE_ID', 'DISK_ID')) ?? 0;
      if (chatId <= 0) refuse(400, 'CHAT_ID_EMPTY', "Chat ID can't be empty");
      if (id <= 0) refuse(400, 'FILE_ID_EMPTY', "File ID can't be empty");
      const file = call.state.files.get(id);
      const chat = call.state.chats.get(chatId);
      if (file?.chat !== chatId || chat?.members.includes(call.user) !== true) return answer(false);
      // Who did not send it hears yes too, and the file stays (im-disk-file-delete.md).
      if (file.createdBy !== call.user) return answer(true);
      call.state.files.delete(id);
      for (const message of call.state.messages.values()) {
        if (message.files.includes(id)) message.files = message.files.filter((other) => other !== id);
      }
      return answer(true);
    },
  },
];
