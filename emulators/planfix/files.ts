/** Routes of files, and the storage that signed addresses lead to (section 10). */
import { createHash } from 'node:crypto';
import { type EmulatorRequest, type EmulatorResponse, type Instant, type Json } from '../common/types.ts';
import { empty, fieldNames, pick, Refusal, success, toInteger } from './answers.ts';
import { cardFiles } from './cards.ts';
import { isTrue } from './filterForm.ts';
import { fileById, fileBytes, fileDenied, fileRef, kilobytes } from './fileView.ts';
import { multipartParts } from './multipart.ts';
import { maySee, mayEdit, seesComment, taskDenied } from './rights.ts';
import { causeOf, numberParam, type Call, type Route } from './routes.ts';
import { fire } from './scenarios.ts';
import { nextId, touchChanged } from './records.ts';
import { type State, type Step, type StoredFile, type Task } from './state.ts';
import { readableTask } from './tasks.ts';

/** Keeps bytes as a new file. @throws Refusal code 7002 when the plan allows no such size. */
export function storeFile(state: State, name: string, content: Uint8Array, owner: string): StoredFile {
  if (content.length > state.settings['file.maxBytes']) throw new Refusal(400, 7002, 'File size exceeded');
  const id = nextId(state, 'file');
  const file: StoredFile = {
    id,
    name,
    bytes: content.length,
    content,
    owner,
    denied: false,
    where: undefined,
  };
  state.files.set(id, file);
  return file;
}

function upload(call: Call): EmulatorResponse {
  const { state, request, actor } = call;
  const parts = multipartParts(request.headers['content-type'], request.body);
  const part = parts.find((candidate) => candidate.name === 'file' && candidate.filename !== undefined);
  if (part === undefined) throw new Refusal(400, 7001, 'Rest API error upload file');
  const file = storeFile(state, part.filename ?? 'file', part.content, actor.person);
  return success({ id: file.id });
}

function fromUrl(call: Call): EmulatorResponse {
  const { state, body, actor } = call;
  const { url, name } = body;
  if (typeof url !== 'string' || url === '') throw new Refusal(400, 40, 'Required parameter is missing: url');
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (/(^|\.)planfix\.(ru|com)$/.test(host)) throw new Refusal(400, 41, 'Unsafe url for downloading file');
  const page = state.web.find((candidate) => candidate.url === url);
  if (page === undefined) throw new Refusal(400, 7001, 'Rest API error upload file');
  const content = page.content ?? fileBytes({ ...blankFile(state.next.file), bytes: page.bytes });
  const file = storeFile(
    state,
    typeof name === 'string' && name !== '' ? name : page.name,
    content,
    actor.person,
  );
  return success({ id: file.id });
}

function blankFile(id: number): StoredFile {
  return { id, name: '', bytes: 0, content: undefined, owner: undefined, denied: false, where: undefined };
}

/** A person sees own uploads and what hangs on a task, a comment or a contact card that he sees; administrators all. */
function mayTouch(call: Call, file: StoredFile): boolean {
  const { state, actor } = call;
  if (actor.admin || file.owner === actor.person) return true;
  for (const task of state.tasks.values()) {
    if (task.files.includes(file.id) && maySee(state, actor, task)) return true;
  }
  for (const comment of state.comments.values()) {
    const task = state.tasks.get(comment.task);
    if (task === undefined || !comment.files.includes(file.id)) continue;
    if (maySee(state, actor, task) && seesComment(state, actor, comment)) return true;
  }
  for (const { comment } of state.contactComments.values()) {
    if (comment.files.includes(file.id) && seesComment(state, actor, comment)) return true;
  }
  return [...state.contacts.values()].some((contact) => cardFiles(contact.more['files']).includes(file.id));
}

function fileOf(call: Call): StoredFile {
  const file = fileById(call.state, numberParam(call, 0));
  if (!mayTouch(call, file)) throw fileDenied(file.id);
  return file;
}

function getFile(call: Call): EmulatorResponse {
  const { state, query } = call;
  const file = fileOf(call);
  const names = fieldNames(query.get('fields') ?? undefined, ['id', 'name', 'size']);
  const shown: Record<string, Json> = { id: file.id, name: file.name, size: kilobytes(file.bytes) };
  if (names.includes('downloadUrl')) shown['downloadUrl'] = signedUrl(call, file);
  if (names.includes('link')) shown['link'] = `${baseAddress(state, call.request)}/file/${file.id}`;
  return success({ file: pick(shown, names) });
}

function baseAddress(state: State, request: EmulatorRequest): string {
  return state.address[request.scheme];
}

function signature(state: State, id: number, signedAt: Instant, seconds: number): string {
  const secret = `${state.account.name}/${id}/${signedAt}/${seconds}`;
  return createHash('sha256').update(secret).digest('hex').slice(0, 32);
}

/** A short-lived address of our own storage. */
function signedUrl(call: Call, file: StoredFile): string {
  const { state, now } = call;
  const seconds = state.settings['file.linkSeconds'];
  const query = `X-Amz-Date=${now}&X-Amz-Expires=${seconds}&X-Amz-Signature=${signature(state, file.id, now, seconds)}`;
  return `${baseAddress(state, call.request)}/storage/pf/${file.id}/${encodeURIComponent(file.name)}?${query}`;
}

function download(call: Call): EmulatorResponse {
  // Only here the document's refusal names no number.
  if (!call.state.files.has(numberParam(call, 0))) throw new Refusal(400, 7000, 'File not found by id');
  const file = fileOf(call);
  if (call.state.settings['file.downloadMode'] === 'direct') return bytesAnswer(file);
  return empty(302, { location: signedUrl(call, file) });
}

function bytesAnswer(file: StoredFile): EmulatorResponse {
  const name = encodeURIComponent(file.name);
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
    },
    body: fileBytes(file),
  };
}

function storageError(status: number, code: string): EmulatorResponse {
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: new TextEncoder().encode(text) };
}

/** What storage answers at `/storage/pf/{id}/{name}`: bytes for a living signature, and no token wanted. */
export function storageAnswer(
  state: State,
  request: EmulatorRequest,
  path: string,
  query: URLSearchParams,
  now: Instant,
): EmulatorResponse {
  const id = toInteger(path.split('/')[3]) ?? -1;
  if (request.headers['authorization'] !== undefined && state.settings['file.storageRefusesAuthorization']) {
    return storageError(400, 'InvalidArgument');
  }
  const signedAt = Number(query.get('X-Amz-Date'));
  const seconds = Number(query.get('X-Amz-Expires'));
  if (query.get('X-Amz-Signature') !== signature(state, id, signedAt, seconds)) {
    return storageError(403, 'SignatureDoesNotMatch');
  }
  if (now >= signedAt + seconds * 1000) return storageError(403, 'AccessDenied');
  const file = state.files.get(id);
  return file === undefined ? storageError(404, 'NoSuchKey') : bytesAnswer(file);
}

/** A new name; the link of an online document is taken as well, of which the account keeps none. */
function rename(call: Call): EmulatorResponse {
  const file = fileOf(call);
  const { name, link } = call.body;
  if (typeof name === 'string' && name !== '') file.name = name;
  else if (typeof link !== 'string') throw new Refusal(400, 40, 'Required parameter is missing: name');
  return success();
}

function removeFile(call: Call): EmulatorResponse {
  const { state } = call;
  const file = fileOf(call);
  state.files.delete(file.id);
  for (const task of state.tasks.values()) {
    if (task.files.includes(file.id)) task.files = task.files.filter((id) => id !== file.id);
  }
  const ofContacts = [...state.contactComments.values()].map(({ comment }) => comment);
  for (const comment of [...state.comments.values(), ...ofContacts]) {
    if (comment.files.includes(file.id)) comment.files = comment.files.filter((id) => id !== file.id);
  }
  return success();
}

/** Hangs a file on a task's description; adds, never replaces. */
export function attachFile(step: Step, task: Task, file: StoredFile): boolean {
  if (task.files.includes(file.id)) return false;
  task.files = [...task.files, file.id];
  touchChanged(step.state, task, step.now);
  return true;
}

function attach(call: Call): EmulatorResponse {
  const { state, actor, query } = call;
  const file = fileOf(call);
  const id = toInteger(query.get('id') ?? undefined);
  const [, kind] = call.params;
  if (kind === 'task') {
    const task = id === undefined ? undefined : state.tasks.get(id);
    if (task === undefined || task.isDeleted)
      throw new Refusal(400, 1000, `Task not found by id ${String(id)}`);
    if (!mayEdit(state, actor, task)) throw taskDenied(task.id);
    const before = { ...task };
    if (attachFile(call, task, file))
      fire(call, 'task.changed', task, causeOf(call), undefined, { before, fields: ['files'] });
    return success();
  }
  const owner = kind === 'contact' ? state.contacts.get(id ?? -1) : state.projects.get(id ?? -1);
  if (owner === undefined || (kind !== 'contact' && kind !== 'project')) {
    throw new Refusal(400, kind === 'contact' ? 2000 : 3000, `${kind ?? ''} not found by id ${String(id)}`);
  }
  const files = Array.isArray(owner.more['files']) ? (owner.more['files'] as readonly Json[]) : [];
  owner.more['files'] = [...files, ...fileRef(state, file.id)];
  return success();
}

function taskFiles(call: Call): EmulatorResponse {
  const { state, actor, query } = call;
  const task = readableTask(call, numberParam(call, 0));
  const ids = new Set<number>();
  if (!isTrue(query.get('onlyFromDescription'))) {
    for (const id of state.commentsByTask.get(task.id) ?? []) {
      const comment = state.comments.get(id);
      if (comment === undefined || comment.isDeleted || !seesComment(state, actor, comment)) continue;
      for (const file of comment.files) ids.add(file);
    }
  }
  for (const file of task.files) ids.add(file);
  return success({ files: [...ids].sort((a, b) => a - b).flatMap((id) => fileRef(state, id)) });
}

export const fileRoutes: readonly Route[] = [
  { method: 'POST', path: '/file/', scope: 'file_add', write: true, raw: true, run: upload },
  { method: 'POST', path: '/file/from-url/', scope: 'file_add', write: true, run: fromUrl },
  { method: 'GET', path: '/file/{id}', scope: 'file_readonly', write: false, run: getFile },
  { method: 'GET', path: '/file/{id}/download', scope: 'file_readonly', write: false, run: download },
  { method: 'GET', path: '/file/{id}/download/', scope: 'file_readonly', write: false, run: download },
  { method: 'POST', path: '/file/{id}', scope: 'file_add', write: true, run: rename },
  { method: 'DELETE', path: '/file/{id}', scope: 'file_delete', write: true, run: removeFile },
  {
    method: 'POST',
    path: '/file/{id}/attach/{kind}',
    scope: 'file_add',
    write: true,
    raw: true,
    run: attach,
  },
  { method: 'GET', path: '/task/{id}/files', scope: 'file_readonly', write: false, run: taskFiles },
];
