/**
 * Files: streamed out of another account straight into the JSON of an upload as base64, so that none is ever held whole
 * (b24restdocs: disk/storage/disk-storage-upload-file.md, chats/files/im-v2-file-upload.md), and streamed back.
 */
import { type LocalCommentId, type LocalFileId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { nameToSend } from '../../sync/core/fileNames.ts';
import { type FileSource, type Outcome, type Write } from '../../sync/core/operation.ts';
import { ConnectorError, type FileStream, type OpenSource } from '../port.ts';
import { TransportError } from '../../runtime/runtime.ts';
import { type Attempt, done, failedOutcome, refused } from './attempt.ts';
import { type Params, reference } from './batch.ts';
import { type Answer, connectorError, type Failure, strangeAnswer, troubleOf } from './failure.ts';
import { getTask, taskTold, unreadable } from './read.ts';
import { Attached, Attachment, DiskFile, DownloadLink, Storage, Uploaded } from './schema.ts';
import { attachmentId, diskId, numberIn } from './service.ts';
import { type Session } from './session.ts';
import { chatFileMax, limits } from './store.ts';
import { learn } from './unknowns.ts';

/** A file's bytes; one that ends before its size, or goes on beyond it, breaks off. */
async function* counted({ bytes, size }: Pick<FileStream, 'bytes' | 'size'>): AsyncIterable<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (size !== null && count > size)
      throw new TransportError('cut', `more than ${String(size)} bytes came`);
    yield chunk;
  }
  if (size !== null && count < size)
    throw new TransportError('cut', `${String(count)} bytes came where ${String(size)} were announced`);
}

const encoder = new TextEncoder();

/**
 * JSON of `params`, the one text `hole` in it replaced by the base64 of `bytes`, a chunk at a time. `hole` stands nowhere
 * else in them: people write what they like into the words beside a file.
 */
export async function* jsonWithFile(
  params: Params,
  bytes: AsyncIterable<Uint8Array>,
  hole: string,
): AsyncIterable<Uint8Array> {
  const [head = '', tail = ''] = JSON.stringify(params).split(hole);
  yield encoder.encode(head);
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % 3);
    if (whole > 0) yield encoder.encode(all.toString('base64', 0, whole));
    rest = all.subarray(whole);
  }
  yield encoder.encode(rest.toString('base64') + tail);
}

export type FileTold<Value> =
  | { readonly is: 'made'; readonly value: Value }
  | { readonly is: 'failed'; readonly trouble: Trouble; readonly failure: Failure | null };

/** Taken perhaps, and not told where it is. */
const oddAnswer = (what: string): Failure => strangeAnswer(false, 200, what);

const failedFile = (failure: Failure, source: FileSource, method: string): FileTold<never> => ({
  is: 'failed',
  trouble: troubleOf(failure, source.name, method),
  failure,
});

/** Lets go of a file that was opened and will not be read. */
async function closed({ bytes }: FileStream): Promise<void> {
  await bytes[Symbol.asyncIterator]().return?.();
}

/** One upload. A source that breaks off leaves half a JSON behind, of which the portal makes nothing. */
async function upload(
  session: Session,
  source: FileSource,
  open: OpenSource,
  method: string,
  paramsFor: (name: string, content: string) => Params,
  bytesMax: number = limits.fileBytesMax,
): Promise<FileTold<unknown>> {
  const tooLarge = (bytes: number | null): FileTold<never> => ({
    is: 'failed',
    failure: null,
    trouble: {
      code: 'E-FILE-TOO-LARGE',
      about: source.name,
      wanted: bytes === null ? `more than ${String(bytesMax)} bytes` : `${String(bytes)} bytes`,
      todo: `Bitrix24 takes ${String(bytesMax)} bytes at most: share the file by a link.`,
    },
  });
  if (source.size !== null && source.size > bytesMax) return tooLarge(source.size);
  let broken: unknown = null;
  const unreadableFile = (error: unknown): FileTold<never> => ({
    is: 'failed',
    failure: null,
    trouble:
      error instanceof ConnectorError
        ? { ...error.trouble, about: source.name }
        : {
            code: 'E-FILE-UNREADABLE',
            about: source.name,
            answered: error instanceof Error ? error.message : 'the stream broke off',
            todo: 'Look whether the file can be opened where it was written.',
          },
  });
  let stream: FileStream;
  try {
    stream = await open(source);
  } catch (error) {
    return unreadableFile(error);
  }
  if (stream.size !== null && stream.size > bytesMax) {
    await closed(stream);
    return tooLarge(stream.size);
  }
  let grew = false;
  async function* watched(): AsyncIterable<Uint8Array> {
    let count = 0;
    try {
      for await (const chunk of stream.bytes) {
        count += chunk.length;
        grew = count > bytesMax;
        if (grew) throw new TransportError('cut', 'more bytes than the portal takes');
        yield chunk;
      }
    } catch (error) {
      broken = error;
      throw error;
    }
  }
  const hole = `content-${session.runtime.uuid()}`;
  const params = paramsFor(nameToSend(source.name), hole);
  const over = (): FileTold<never> => (grew ? tooLarge(null) : unreadableFile(broken));
  let answer: Answer;
  try {
    answer = await session.client.call(method, params, (all) => jsonWithFile(all, watched(), hole));
  } catch (error) {
    if (broken === null) throw error;
    return over();
  }
  if (broken !== null) return over();
  if (answer.is === 'failed') return failedFile(answer, source, method);
  return { is: 'made', value: answer.result };
}

/** The acting user's own Drive, else the company's: found once per account. */
async function storageOf(session: Session): Promise<string | Failure> {
  if (session.storage !== null) return session.storage;
  const answer = await session.client.call('disk.storage.getlist', {});
  if (answer.is === 'failed') return answer;
  const storages = (Array.isArray(answer.result) ? (answer.result as unknown[]) : []).flatMap((row) => {
    const storage = Storage.safeParse(row);
    return storage.success ? [storage.data] : [];
  });
  const own = storages.find(
    ({ ENTITY_TYPE: type, ENTITY_ID: owner }) => type === 'user' && owner === session.settings.actor,
  );
  const found = own ?? storages.find(({ ENTITY_TYPE: type }) => type === 'common') ?? storages[0];
  if (found === undefined)
    return {
      is: 'failed',
      kind: 'refused',
      certain: true,
      status: 200,
      code: '',
      text: 'no Drive',
      retryAt: null,
    };
  session.storage = found.ID;
  return found.ID;
}

/** Puts a file on Drive; its disk id. */
export async function uploadToDrive(
  session: Session,
  source: FileSource,
  open: OpenSource,
): Promise<FileTold<string>> {
  const storage = await storageOf(session);
  if (typeof storage !== 'string') return failedFile(storage, source, 'disk.storage.getlist');
  const method = 'disk.storage.uploadfile';
  const told = await upload(session, source, open, method, (name, content) => ({
    id: storage,
    data: { NAME: name },
    fileContent: [name, content],
    generateUniqueName: true,
  }));
  if (told.is === 'failed') return told;
  const file = DiskFile.safeParse(told.value);
  if (file.success) return { is: 'made', value: file.data.ID };
  return failedFile(oddAnswer('no file in the answer'), source, method);
}

/** Uploads into a chat: the portal writes the message by itself. */
export async function uploadToChat(
  session: Session,
  chat: string,
  source: FileSource,
  open: OpenSource,
  message: string,
): Promise<FileTold<{ readonly file: LocalFileId; readonly message: string }>> {
  const method = 'im.v2.File.upload';
  const params = (name: string, content: string): Params => ({
    dialogId: `chat${chat}`,
    fields: { name, content, ...(message === '' ? {} : { message }) },
  });
  const told = await upload(session, source, open, method, params, chatFileMax(session.findings));
  if (told.is === 'failed') {
    const { size } = source;
    if (told.failure?.code === 'FILE_TOO_LARGE' && size !== null && size <= chatFileMax(session.findings))
      learn(session, 'limits.chatFileMax', String(size), `${method} refused a file of ${String(size)} bytes`);
    return told;
  }
  const made = Uploaded.safeParse(told.value);
  if (made.success)
    return { is: 'made', value: { file: diskId(made.data.file.id), message: made.data.messageId } };
  return failedFile(oddAnswer('no message in the answer'), source, method);
}

/** Puts a file on Drive and binds it to the task beside those that it has. */
export async function attachFile(
  session: Session,
  task: LocalTaskId,
  source: FileSource,
  open: OpenSource,
): Promise<FileTold<LocalFileId>> {
  const disk = await uploadToDrive(session, source, open);
  if (disk.is === 'failed') return disk;
  const method = 'tasks.task.files.attach';
  const answer = await session.client.call(method, { taskId: task, fileId: disk.value });
  if (answer.is === 'failed') return failedFile(answer, source, method);
  const attached = Attached.safeParse(answer.result);
  if (attached.success) return { is: 'made', value: attachmentId(attached.data.attachmentId) };
  return failedFile(oddAnswer('no attachment in the answer'), source, method);
}

export function attachAttempt(
  session: Session,
  write: Extract<Write, { kind: 'file.attach' }>,
  open: OpenSource,
): Attempt {
  return {
    commands: [],
    settle: async () => {
      const { source, task } = write;
      const told = await attachFile(session, task, source, open);
      if (told.is === 'made') return done(session, { files: [{ shared: source.shared, file: told.value }] });
      // An upload that was perhaps taken leaves at most an unbound file on Drive.
      const bound = told.trouble.tried === 'tasks.task.files.attach' && told.failure !== null;
      return bound && told.failure !== null
        ? failedOutcome(session, told.failure, source.name, 'tasks.task.files.attach')
        : refused(session, told.trouble);
    },
  };
}

/** As many files as somebody can have attached between two requests. */
const strangersMax = 3;

/**
 * Takes one file off. The list of attachments is written whole, so it is read right before, and once more in the batch
 * that writes it: what somebody attached between the two is dropped with the write and bound again from Drive, where it
 * still lies (reference 13). The file itself stays on Drive.
 */
export function detachAttempt(
  session: Session,
  write: Extract<Write, { kind: 'file.detach' }>,
  key: string,
): Attempt {
  const { task, file } = write;
  return {
    commands: [{ key, ...getTask(task) }],
    settle: async (answers): Promise<Outcome> => {
      const answer = answers.get(key);
      const told = answer === undefined ? null : taskTold(answer, task);
      if (told?.is === 'failed') return refused(session, told.trouble);
      if (told?.is !== 'row') return refused(session, unreadable(task));
      const number = numberIn('attachment', file);
      const present = told.row.ufTaskWebdavFiles;
      if (number === null || !present.includes(number)) return done(session, { task });
      return writeList(session, task, present, number);
    },
  };
}

async function writeList(
  session: Session,
  task: LocalTaskId,
  present: readonly string[],
  without: string,
): Promise<Outcome> {
  const method = 'tasks.task.update';
  const stranger = (index: number): string => `o${String(index)}`;
  const strangers = Array.from({ length: strangersMax }, (_, index) => index);
  const answers = await session.client.run([
    { key: 'b', ...getTask(task) },
    // New attachments stand at the end; where there is none, nothing is asked for and nothing is answered.
    ...strangers.map((index) => ({
      key: stranger(index),
      method: 'disk.attachedObject.get',
      params: { id: reference('b', 'task', 'ufTaskWebdavFiles', String(present.length + index)) },
    })),
    {
      key: 'u',
      method,
      params: {
        taskId: task,
        fields: { UF_TASK_WEBDAV_FILES: present.filter((id) => id !== without).map(Number) },
      },
    },
  ]);
  const update = answers.get('u');
  if (update?.is === 'failed') return failedOutcome(session, update, 'file', method);
  const failures: Trouble[] = [];
  for (const index of strangers) {
    const bound = answers.get(stranger(index));
    const lost = bound?.is === 'ok' ? Attachment.safeParse(bound.result) : null;
    if (lost?.success !== true || present.includes(lost.data.ID) || lost.data.OBJECT_ID === null) continue;
    const attach = 'tasks.task.files.attach';
    const again = await session.client.call(attach, { taskId: task, fileId: lost.data.OBJECT_ID });
    if (again.is === 'failed') failures.push(troubleOf(again, lost.data.NAME, attach));
  }
  return done(session, { task }, failures);
}

const noFile = (file: LocalFileId, answered: string): ConnectorError =>
  new ConnectorError({
    code: 'E-FILE-UNREADABLE',
    about: 'file',
    wanted: file,
    answered,
    todo: 'Check in the portal that the file exists and that the acting user may open it.',
  });

interface Link {
  readonly name: string;
  readonly size: number | null;
  readonly url: string;
}

/** Ways to a file's bytes, the likeliest first; each is asked for only when those before it led nowhere. */
type Links = AsyncIterable<Link>;

async function* attachmentLinks(session: Session, id: string): Links {
  const answers = await session.client.run([
    { key: 'a', method: 'disk.attachedObject.get', params: { id } },
    { key: 'd', method: 'disk.file.get', params: { id: reference('a', 'OBJECT_ID') } },
  ]);
  const bound = answers.get('a');
  if (bound?.is === 'failed') throw connectorError(bound, 'file', 'disk.attachedObject.get');
  const file = answers.get('d');
  if (file?.is === 'ok') yield* linkIn(DiskFile.safeParse(file.result));
  if (bound !== undefined) yield* linkIn(Attachment.safeParse(bound.result));
}

const linkIn = (
  parsed:
    | {
        readonly success: true;
        readonly data: {
          NAME: string;
          SIZE?: number | null | undefined;
          DOWNLOAD_URL?: string | null | undefined;
        };
      }
    | { readonly success: false },
): readonly Link[] =>
  parsed.success && typeof parsed.data.DOWNLOAD_URL === 'string'
    ? [{ name: parsed.data.NAME, size: parsed.data.SIZE ?? null, url: parsed.data.DOWNLOAD_URL }]
    : [];

/** A file of Drive; one of a chat also by the chat's own one-time link. */
async function* diskLinks(session: Session, task: LocalTaskId, id: string): Links {
  const answers = await session.client.run([
    { key: 'd', method: 'disk.file.get', params: { id } },
    { key: 't', ...getTask(task) },
  ]);
  const file = answers.get('d');
  const found = file?.is === 'ok' ? DiskFile.safeParse(file.result) : null;
  if (found !== null) yield* linkIn(found);
  const told = answers.get('t');
  const row = told === undefined ? null : taskTold(told, task);
  if (row?.is === 'row' && row.row.chatId !== null) {
    const link = await session.client.call('im.v2.File.download', {
      dialogId: `chat${row.row.chatId}`,
      fileId: Number(id),
    });
    if (link.is === 'failed') throw connectorError(link, 'file', 'im.v2.File.download');
    const url = DownloadLink.safeParse(link.result);
    if (url.success)
      yield {
        name: found?.success === true ? found.data.NAME : `file ${id}`,
        size: found?.success === true ? (found.data.SIZE ?? null) : null,
        url: url.data.downloadUrl,
      };
  }
  if (file?.is === 'failed') throw connectorError(file, 'file', 'disk.file.get');
}

/** A page or an error that stands where the file should; a file that is such a text itself comes with its name. */
const isPage = (headers: Readonly<Record<string, string>>, name: string): boolean => {
  const type = headers['content-type'] ?? '';
  return (
    !('content-disposition' in headers) &&
    ((/^text\/html/i.test(type) && !/\.x?html?$/i.test(name)) ||
      (/^application\/json/i.test(type) && !/\.json$/i.test(name)))
  );
};

/** How often links are asked for: one may have run out, or been used up, before it was followed. */
const linkTries = 2;

/** See Connector.openFile. Links hold a token: they are used at once and named nowhere. */
export async function openFile(
  session: Session,
  task: LocalTaskId,
  _comment: LocalCommentId | null,
  file: LocalFileId,
): Promise<FileStream> {
  const attachment = numberIn('attachment', file);
  const disk = numberIn('disk', file);
  if (attachment === null && disk === null) throw noFile(file, 'not an id of a Bitrix24 file');
  let answered = 'no download link';
  for (let tries = 0; tries < linkTries; tries += 1) {
    let anew = false;
    const links =
      attachment === null ? diskLinks(session, task, disk ?? '') : attachmentLinks(session, attachment);
    for await (const { name, size, url } of links) {
      const response = await session.client.download(url);
      if ('is' in response) {
        answered = response.text;
        continue;
      }
      // A web server's error page must never be kept as the document.
      if (response.status === 200 && !isPage(response.headers, name))
        return { name, size, bytes: counted({ bytes: response.body.stream(), size }) };
      response.body.cancel();
      anew = true;
      answered =
        response.status === 200
          ? 'a web page or an error in place of the file'
          : `HTTP ${String(response.status)}`;
    }
    if (!anew) break;
  }
  throw noFile(file, answered);
}
