/** Uploads and downloads outside of REST methods: signed links, attachments, one-time chat links (section 13). */
import { type EmulatorRequest, type EmulatorResponse, type Instant } from '../common/types.ts';
import { errorV2, notFoundPage, success, timeBlock } from './answers.ts';
import { type Call } from './call.ts';
import { bytesOf, shownFile, storeFile } from './diskStore.ts';
import { parseForm, parseMultipart } from './forms.ts';
import { canRead, canReadFile, isAdmin } from './rights.ts';
import { type DiskFile, type State } from './state.ts';
import { asInt, asRecord, asText, Refusal } from './values.ts';

const hasAgent = (request: EmulatorRequest): boolean => (request.headers['user-agent'] ?? '').trim() !== '';

/** The file itself or an earlier version of it, never JSON. */
const sent = (file: DiskFile, version: number | null = null): EmulatorResponse => {
  const past = file.past.find((one) => one.number === version);
  const bytes = past?.bytes ?? bytesOf(file);
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(past?.name ?? file.name)}`,
      'Content-Length': String(bytes.length),
    },
    body: bytes,
  };
};

/** `/rest/download.json`: a missing User-Agent, an unknown or used-up link answer the web server's own 404. */
export const download = (state: State, request: EmulatorRequest, query: string): EmulatorResponse => {
  const params = parseForm(query);
  const link = state.links.get(asText(params['token']));
  if (!hasAgent(request) || link === undefined || link.file === null) return notFoundPage();
  if (link.auth !== '' && link.auth !== asText(params['auth'])) return notFoundPage();
  const file = state.files.get(link.file);
  if (file === undefined) return notFoundPage();
  if (link.once) state.links.delete(link.token);
  return sent(file, link.version);
};

/** Whom a credential inside a link stands for. */
export const userOfCredential = (state: State, credential: string): number | undefined =>
  state.hooks.get(credential)?.user ?? state.application?.tokens.get(credential)?.user;

/** `/bitrix/tools/disk/uf.php?attachedId=…` and disk.api.file.download of chat files. */
export const attachmentDownload = (
  state: State,
  request: EmulatorRequest,
  query: string,
): EmulatorResponse => {
  const params = parseForm(query);
  const user = userOfCredential(state, asText(asRecord(params['auth'])['auth']) || asText(params['auth']));
  if (!hasAgent(request) || user === undefined) return notFoundPage();
  const attachment = state.attachments.get(asInt(params['attachedId']) ?? 0);
  const file = state.files.get(attachment?.disk ?? asInt(params['fileId']) ?? 0);
  if (file === undefined) return notFoundPage();
  const task = attachment === undefined ? undefined : state.tasks.get(attachment.task);
  const allowed = task === undefined ? canReadFile(state, file.id, user) : canRead(state, task, user);
  return allowed ? sent(file) : notFoundPage();
};

/** `/rest/upload.json`: the second step of an upload; the answer is the file object. */
export const uploadByLink = (
  state: State,
  request: EmulatorRequest,
  query: string,
  now: Instant,
  base: string,
): EmulatorResponse => {
  const params = parseForm(query);
  const link = state.links.get(asText(params['token']));
  const folder = link === undefined || link.folder === null ? undefined : state.folders.get(link.folder);
  if (
    link === undefined ||
    folder === undefined ||
    (link.auth !== '' && link.auth !== asText(params['auth']))
  ) {
    return errorV2(new Refusal(401, 'NO_AUTH_FOUND', 'Wrong authorization data'));
  }
  const { parts } = parseMultipart(request.headers['content-type'] ?? '', request.body);
  const part = parts.find(({ name }) => name === 'file') ?? parts[0];
  if (part === undefined) {
    return errorV2(new Refusal(400, 'ERROR_COULD_NOT_SAVE_FILE', 'Could not save file'));
  }
  const call: Call = {
    state,
    now,
    user: link.user,
    admin: isAdmin(state, link.user),
    scope: ['disk'],
    credential: link.auth,
    application: false,
    rest: true,
    connector: null,
    base,
    effects: [],
  };
  try {
    const file = storeFile(call, {
      name: part.filename,
      bytes: part.bytes,
      storage: folder.storage,
      folder: folder.id,
      unique: true,
    });
    return success({ result: shownFile(call, file, true) }, timeBlock(state, now, 0.1, link.auth, 'upload'));
  } catch (problem) {
    if (problem instanceof Refusal) return errorV2(problem);
    throw problem;
  }
};
