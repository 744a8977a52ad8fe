/** Files (reference 10): uploaded first and attached after, downloaded through a redirect to a storage host. */
import { as, type LocalFileId } from '../../errors/ids.ts';
import { catalogue, type Trouble } from '../../errors/trouble.ts';
import { nameToSend } from '../../sync/core/fileNames.ts';
import { type FileSource, type Made } from '../../sync/core/operation.ts';
import { type HttpResponse, TransportError } from '../../runtime/runtime.ts';
import { ConnectorError, type FileStream, type OpenSource } from '../port.ts';
import {
  type Answer,
  isRedirect,
  type Refused,
  readAnswer,
  send,
  type Session,
  targetOf,
  type Unclear,
  userAgent,
  waitedOut,
} from './client.ts';
import { Created, FileInfo } from './schema.ts';
import { connectorError, isAccountWide, oddAnswer, troubleOf } from './troubles.ts';
import { notice } from './unknowns.ts';

/** 100 MB on every paid account. */
export const fileBytesMax = 104_857_600;

const downloadTimeoutMs = 120_000;
const redirectsMax = 3;
/** "Too large for the subscription" (reference 3). */
const tooLargeCode = 7002;
const refusalBytesMax = 1024 * 1024;

export type Uploaded =
  | { readonly is: 'uploaded'; readonly file: LocalFileId }
  /** This file can't go; the rest of the write can. */
  | { readonly is: 'failed'; readonly trouble: Trouble }
  /** Nothing can go now. */
  | { readonly is: 'down'; readonly answer: Refused | Unclear; readonly tried: string };

/**
 * Streams one file to the account. An upload of unknown outcome is no harm: the file hangs nowhere and nobody sees it.
 * Never throws.
 */
export async function upload(session: Session, source: FileSource, open: OpenSource): Promise<Uploaded> {
  const tried = 'POST /file/';
  const tooLarge = source.size !== null && source.size > fileBytesMax;
  if (tooLarge) return { is: 'failed', trouble: troubleOfSize(source) };
  let stream: FileStream;
  try {
    stream = await open(source);
  } catch (error) {
    return { is: 'failed', trouble: troubleOfSource(source, error) };
  }
  if (stream.size !== null && stream.size > fileBytesMax) {
    await stream.bytes[Symbol.asyncIterator]().return?.();
    return { is: 'failed', trouble: troubleOfSize({ ...source, size: stream.size }) };
  }
  const form = multipart(nameToSend(source.name), stream, `svyazka-${session.runtime.uuid()}`);
  const answer = await send(session, { method: 'POST', path: '/file/', stream: form });
  const broken = form.failure();
  if (broken instanceof RangeError) return { is: 'failed', trouble: troubleOfSize(source) };
  if (broken !== null) return { is: 'failed', trouble: troubleOfSource(source, broken) };
  if (answer.is === 'ok') {
    const created = Created.safeParse(answer.data);
    if (created.success) return { is: 'uploaded', file: as<LocalFileId>(created.data.id) };
    return { is: 'failed', trouble: oddAnswer(source.name, tried, 'no id of the uploaded file') };
  }
  if (answer.is === 'queued') {
    return { is: 'failed', trouble: oddAnswer(source.name, tried, 'HTTP 202 to an upload') };
  }
  if (isAccountWide(answer)) return { is: 'down', answer, tried };
  const size = stream.size ?? source.size;
  if (answer.is === 'refused' && answer.code === tooLargeCode && size !== null)
    notice(
      session,
      'file.maxBytes',
      `less than ${String(size)}`,
      `a file of ${String(size)} bytes: code 7002`,
    );
  return { is: 'failed', trouble: { ...troubleOf(answer, source.name, tried), wanted: source.name } };
}

/** Uploads bytes that are at hand. Never throws. */
export function uploadBytes(session: Session, name: string, bytes: Uint8Array): Promise<Answer> {
  async function* once(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield bytes;
  }
  const boundary = `svyazka-${session.runtime.uuid()}`;
  const form = multipart(name, { name, size: bytes.length, bytes: once() }, boundary);
  return send(session, { method: 'POST', path: '/file/', stream: form });
}

export interface UploadedAll {
  readonly is: 'all';
  readonly made: NonNullable<Made['files']>;
  readonly failures: readonly Trouble[];
}

/** Uploads the files one after another; those that fail by themselves are listed, and the others go. */
export async function uploadAll(
  session: Session,
  sources: readonly FileSource[],
  open: OpenSource,
): Promise<UploadedAll | Extract<Uploaded, { readonly is: 'down' }>> {
  const made: { readonly shared: FileSource['shared']; readonly file: LocalFileId }[] = [];
  const failures: Trouble[] = [];
  for (const source of sources) {
    const uploaded = await upload(session, source, open);
    if (uploaded.is === 'down') return uploaded;
    if (uploaded.is === 'failed') failures.push(uploaded.trouble);
    else made.push({ shared: source.shared, file: uploaded.file });
  }
  return { is: 'all', made, failures };
}

const troubleOfSize = (source: FileSource): Trouble => ({
  code: 'E-FILE-TOO-LARGE',
  about: source.name,
  wanted: source.size === null ? `more than ${String(fileBytesMax)} bytes` : `${String(source.size)} bytes`,
  todo: `Share the file by a link instead: Planfix takes at most ${String(fileBytesMax)} bytes.`,
});

function troubleOfSource(source: FileSource, error: unknown): Trouble {
  if (error instanceof ConnectorError && catalogue[error.trouble.code].whose !== 'ours') {
    return { ...error.trouble, about: source.name };
  }
  return {
    code: 'E-FILE-UNREADABLE',
    about: source.name,
    answered: error instanceof Error ? error.message : String(error),
    todo: `See whether the file can be opened in ${source.shared.account}.`,
  };
}

interface Form {
  readonly contentType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly length: number | null;
  /** What broke the source while it was read. */
  failure(): unknown;
}

/** One part named `file`; the name in UTF-8 with quotes and line ends encoded as browsers do. */
function multipart(name: string, stream: FileStream, boundary: string): Form {
  const encoder = new TextEncoder();
  const shown = name.replace(/"/g, '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  const head = encoder.encode(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${shown}"\r\n` +
      'content-type: application/octet-stream\r\n\r\n',
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  let failure: unknown = null;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield head;
    let sent = 0;
    try {
      for await (const chunk of stream.bytes) {
        sent += chunk.length;
        if (sent > fileBytesMax) throw new RangeError(`more than ${String(fileBytesMax)} bytes`);
        yield chunk;
      }
      if (stream.size !== null && sent !== stream.size) {
        throw new Error(`${String(sent)} bytes came where ${String(stream.size)} were announced`);
      }
    } catch (error) {
      failure = error;
      throw error;
    }
    yield tail;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: bytes(),
    length: stream.size === null ? null : head.length + stream.size + tail.length,
    failure: () => failure,
  };
}

/**
 * A file's bytes: the name from the account, then the download, whose redirect to the storage host is followed without
 * the token. Throws ConnectorError.
 */
export async function openFile(session: Session, file: LocalFileId): Promise<FileStream> {
  const named = await send(session, {
    method: 'GET',
    path: `/file/${file}`,
    query: { fields: 'id,name,size' },
  });
  const tried = `GET /file/${file}`;
  if (named.is === 'refused' || named.is === 'unclear') throw connectorError(named, 'file', tried);
  const info = FileInfo.safeParse(named.is === 'ok' ? named.data['file'] : undefined);
  if (!info.success) throw new ConnectorError(oddAnswer('file', tried, 'no file in the answer'));
  const response = await download(session, file, info.data.name);
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  if (length === 0 && (info.data.size ?? 0) > 0) {
    response.body.cancel();
    throw new ConnectorError(
      oddAnswer('file', `${tried}/download`, 'an empty answer for a file that is not'),
    );
  }
  const plain = response.headers['content-encoding'] === undefined;
  return {
    name: info.data.name,
    size: plain && Number.isSafeInteger(length) ? length : null,
    bytes: wholeKilobytes(response.body.stream(), info.data.size ?? null),
  };
}

/** Planfix tells no bytes: as many kilobytes as it told have to come, rounded up. */
async function* wholeKilobytes(
  bytes: AsyncIterable<Uint8Array>,
  kilobytes: number | null,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    yield chunk;
  }
  if (kilobytes !== null && Math.ceil(count / 1024) !== kilobytes)
    throw new TransportError(
      'cut',
      `${String(count)} bytes came where ${String(kilobytes)} kilobytes were announced`,
    );
}

const typeOf = (headers: Readonly<Record<string, string>>): string => headers['content-type'] ?? '';

/** A page or a refusal that stands where the file should; a file that is such a text itself comes with its name. */
const isNoFile = (headers: Readonly<Record<string, string>>, name: string): boolean =>
  !('content-disposition' in headers) &&
  ((/^text\/html/i.test(typeOf(headers)) && !/\.x?html?$/i.test(name)) ||
    (/^application\/json/i.test(typeOf(headers)) && !/\.json$/i.test(name)));

async function download(session: Session, file: LocalFileId, name: string): Promise<HttpResponse> {
  const { settings } = session;
  const tried = `GET /file/${file}/download`;
  let url = `${settings.url}/file/${file}/download`;
  let headers: Readonly<Record<string, string>> = {
    'user-agent': userAgent,
    authorization: `Bearer ${settings.token ?? ''}`,
  };
  const own = headers;
  const first = url;
  let hops = 0;
  let anew = true;
  for (let attempt = 1; ;) {
    const response = await fetchOf(session, url, headers, tried);
    if (response.status === 200 && !isNoFile(response.headers, name)) {
      const mode = hops === 0 ? 'direct' : 'redirect';
      notice(
        session,
        'file.downloadMode',
        mode,
        `${tried}: ${hops === 0 ? 'the file itself' : 'sent on to storage'}`,
      );
      return response;
    }
    if (!isRedirect(response.status)) {
      // The address that the storage gave may have run out before it was followed: another one is asked for, once.
      if (hops > 0 && anew && linkIsOver(response.status)) {
        response.body.cancel();
        [url, headers, hops, anew] = [first, own, 0, false];
        continue;
      }
      if (hops > 0) {
        response.body.cancel();
        throw noFile(file, tried, response.status);
      }
      const answer = await answerOf(session, response);
      if (!(await waitedOut(session, answer, attempt))) throw refusal(answer, response.status, tried);
      attempt += 1;
      continue;
    }
    const target = targetOf(response, url);
    response.body.cancel();
    const safe = target !== null && (target.protocol === 'https:' || settings.url.startsWith('http:'));
    if (!safe || hops >= redirectsMax) {
      throw new ConnectorError(oddAnswer('file', tried, 'redirected to an address that is not followed'));
    }
    url = target.href;
    hops += 1;
    // The storage takes none of ours, and may refuse a request that carries it (reference 10).
    if (!url.startsWith(`${settings.url}/`)) headers = { 'user-agent': userAgent };
  }
}

/** The storage that Planfix sent us to gives something else: its answers are none of the API. */
const noFile = (file: LocalFileId, tried: string, status: number): ConnectorError =>
  new ConnectorError({
    code: 'E-FILE-UNREADABLE',
    about: 'file',
    wanted: file,
    tried,
    answered:
      status === 200
        ? 'the storage sent a page in place of the file'
        : `HTTP ${String(status)} of the storage`,
    todo: 'See whether the file can be opened in Planfix; it is tried again.',
  });

const linkIsOver = (status: number): boolean => status === 403 || status === 404 || status === 410;

async function fetchOf(
  session: Session,
  url: string,
  headers: Readonly<Record<string, string>>,
  tried: string,
): Promise<HttpResponse> {
  const { ca } = session.settings;
  try {
    return await session.runtime.http({
      method: 'GET',
      url,
      headers,
      timeoutMs: downloadTimeoutMs,
      ...(ca === null ? {} : { ca }),
    });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw connectorError({ is: 'unclear', sent: false, kind: 'silent', why: error.message }, 'file', tried);
  }
}

/** What stands where the file should. */
async function answerOf(session: Session, response: HttpResponse): Promise<Answer> {
  let text = '';
  try {
    text = await response.body.text(refusalBytesMax);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    text = error.message;
  }
  return readAnswer(response.status, response.headers, text, session.runtime.now());
}

const refusal = (answer: Answer, status: number, tried: string): ConnectorError =>
  answer.is === 'refused' || answer.is === 'unclear'
    ? connectorError(answer, 'file', tried)
    : new ConnectorError(oddAnswer('file', tried, `HTTP ${String(status)}`));
