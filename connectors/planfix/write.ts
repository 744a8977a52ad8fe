/**
 * Writes on tasks, one at a time (Planfix has no batch), and the way to the writes on comments. Planfix guards nothing:
 * the last write wins (reference 6.4), so only what is wanted is sent. What the envelope calls a success is not proof
 * that a value was stored; the next reading of the task is. Nothing here throws.
 */
import { as, type LocalFileId, type LocalPersonId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type Made, type Outcome, type Write } from '../../sync/core/operation.ts';
import { type OpenSource } from '../port.ts';
import { type Answer, type Refused, send, type Session, type Unclear } from './client.ts';
import { deleteComments } from './commentDeletions.ts';
import { createComment, updateComments } from './commentWrites.ts';
import { upload, uploadAll } from './files.ts';
import { noteMade } from './marks.ts';
import { Created, Failures, TaskFiles } from './schema.ts';
import { bodyOf, fieldOfKey, type Part, partsOf } from './service.ts';
import { learnZoneFor, noteWritten, withoutShiftedDates } from './zone.ts';
import {
  isAccountWide,
  isMissingTask,
  notBegun,
  oddAnswer,
  troubleOf,
  unknown,
  unsuccessful,
} from './troubles.ts';
import { type FactName, notice } from './unknowns.ts';

type WriteOf<Kind extends Write['kind']> = Extract<Write, { readonly kind: Kind }>;

/** See Connector.write: one outcome for each write, in order. */
export async function write(
  session: Session,
  writes: readonly Write[],
  open: OpenSource,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const one of writes) outcomes.push(await writeSafely(session, one, open));
  return outcomes;
}

async function writeSafely(session: Session, one: Write, open: OpenSource): Promise<Outcome> {
  try {
    return await writeOne(session, one, open);
  } catch (error) {
    // Our own fault; where it happened the request may have been out already.
    const answered = error instanceof Error ? error.message : String(error);
    return unknown(session, {
      code: 'E-OURS',
      about: one.kind,
      answered,
      todo: 'Report this: the connector failed.',
    });
  }
}

function writeOne(session: Session, one: Write, open: OpenSource): Promise<Outcome> {
  switch (one.kind) {
    case 'task.create':
      return createTask(session, one, open);
    case 'task.update':
      return updateTask(session, one);
    case 'task.join':
      // An administrator's token reads every task: nobody needs to take part.
      return Promise.resolve(done(session, {}, []));
    case 'file.attach':
      return attachFile(session, one, open);
    case 'file.detach':
      return detachFile(session, one);
    case 'comment.create':
      return createComment(session, one, open);
    case 'comment.update':
      return updateComments(session, one, open);
    case 'comment.delete':
      return deleteComments(session, one);
  }
}

const done = (session: Session, made: Made, failures: readonly Trouble[]): Outcome => ({
  is: 'done',
  at: session.runtime.now(),
  made,
  failures,
});

/** A refusal that one of several values may have caused, so that the others are worth sending alone. */
const mayBeOneValue = (answer: Answer): answer is Refused =>
  answer.is === 'refused' &&
  !isAccountWide(answer) &&
  !isMissingTask(answer) &&
  answer.code !== null &&
  answer.code !== 5 &&
  answer.code !== 30;

const numbered = (id: string | null): { readonly id: number } | undefined =>
  id !== null && /^\d{1,15}$/.test(id) ? { id: Number(id) } : undefined;

async function createTask(session: Session, one: WriteOf<'task.create'>, open: OpenSource): Promise<Outcome> {
  const uploaded = await uploadAll(session, one.files, open);
  if (uploaded.is === 'down') return notBegun(session, uploaded.answer, uploaded.tried);
  await learnZoneFor(session, one.fields);
  const { fields, failures: held } = withoutShiftedDates(session, one.fields);
  const { parts, failures } = partsOf(fields, one.status, 'create', session.settings.zone);
  const object = numbered(one.object);
  const project = numbered(one.place);
  const frame = {
    name: one.fields.title,
    sourceObjectId: one.mark,
    ...(object === undefined ? {} : { object }),
    ...(project === undefined ? {} : { project }),
    ...(uploaded.made.length === 0
      ? {}
      : { files: uploaded.made.map((made) => ({ id: Number(made.file) })) }),
  };
  const lost = [...held, ...failures, ...uploaded.failures];
  const whole = await postTask(session, { ...frame, ...bodyOf(parts) });
  if (!mayBeOneValue(whole.answer)) {
    const outcome = born(session, whole, { files: uploaded.made }, lost);
    if (outcome.is === 'done' && outcome.made.task !== undefined) {
      noteWritten(session, outcome.made.task, fields);
      noteMade(session, 'task', outcome.made.task, one.mark);
    }
    return outcome;
  }
  // One value refused would keep the whole task from coming about: it is born bare, the values follow one by one.
  const bare = await postTask(session, frame);
  const outcome = born(session, bare, { files: uploaded.made }, lost);
  if (outcome.is !== 'done' || outcome.made.task === undefined) return outcome;
  noteMade(session, 'task', outcome.made.task, one.mark);
  const rest = partsOf(restOf(fields), one.status, 'update', session.settings.zone);
  const followed = await sendEach(session, outcome.made.task, rest.parts, true);
  return { ...outcome, failures: [...outcome.failures, ...followed.failures] };
}

/** What the bare task does not carry yet; dates that are none are none already. */
function restOf(fields: WriteOf<'task.create'>['fields']): Omit<typeof fields, 'title'> {
  const { title: _title, start, deadline, ...others } = fields;
  return {
    ...others,
    ...(start == null ? {} : { start }),
    ...(deadline == null ? {} : { deadline }),
  };
}

interface Posted {
  readonly answer: Answer;
  readonly tried: string;
}

async function postTask(session: Session, body: Readonly<Record<string, unknown>>): Promise<Posted> {
  const answer = await send(session, { method: 'POST', path: '/task/', json: body });
  return { answer, tried: `POST /task/ (${Object.keys(body).join(', ')})` };
}

function born(
  session: Session,
  { answer, tried }: Posted,
  made: Made,
  failures: readonly Trouble[],
): Outcome {
  if (answer.is === 'refused' || answer.is === 'unclear') return unsuccessful(session, answer, 'task', tried);
  const created = Created.safeParse(answer.is === 'ok' ? answer.data : undefined);
  // Taken, but no number: only a look-up by its mark tells whether and where it is.
  if (!created.success) return unknown(session, oddAnswer('task', tried, 'no number of the new task'));
  const told = answer.is === 'ok' ? failuresIn(answer.data, tried) : [];
  return done(session, { ...made, task: as<LocalTaskId>(created.data.id) }, [...failures, ...told]);
}

/** `failures` of an answer as one trouble per field. */
function failuresIn(data: Readonly<Record<string, unknown>>, tried: string): readonly Trouble[] {
  const failures = Failures.safeParse(data['failures']);
  if (!failures.success) return [oddAnswer('task', tried, 'failures of an unknown form')];
  return failures.data.map(({ field, error }) => ({
    code: 'E-REMOTE-REFUSED',
    about: fieldOfKey(field),
    tried,
    answered: error,
    todo: 'See whether the field can be changed in this task: rights, process and object decide.',
  }));
}

/** A status that goes out on another actor's credential is a request of its own, after the fields. */
async function updateTask(session: Session, one: WriteOf<'task.update'>): Promise<Outcome> {
  const lent = one.status?.steps.find((step) => step.as !== undefined)?.as;
  if (lent === undefined) return updateAs(session, one);
  const alone = Object.keys(one.set).length === 0;
  const fields = alone ? done(session, {}, []) : await updateAs(session, { ...one, status: null });
  if (fields.is === 'refused' || fields.is === 'unknown') return fields;
  const moved = await moveAs(session, { ...one, set: {} }, lent);
  if (alone || moved.is === 'unknown') return moved;
  if (fields.is === 'queued' || moved.is === 'queued') return { is: 'queued', at: session.runtime.now() };
  const failures = moved.is === 'done' ? moved.failures : [moved.trouble];
  return done(session, {}, [...fields.failures, ...failures]);
}

async function moveAs(
  session: Session,
  one: WriteOf<'task.update'>,
  person: LocalPersonId,
): Promise<Outcome> {
  const { account, actors = [] } = session.settings;
  const actor = actors.find((other) => other.person === person);
  const todo = `Give ${account} the token of ${person} again: svyazka account actor add ${account}`;
  if (actor === undefined) {
    const answered = `there is no credential of ${person} any more`;
    const trouble: Trouble = { code: 'E-REMOTE-REFUSED', about: 'status', answered, todo };
    return { is: 'refused', at: session.runtime.now(), trouble };
  }
  const { url, token } = actor;
  const outcome = await updateAs({ ...session, settings: { ...session.settings, url, token } }, one);
  if (outcome.is !== 'refused') return outcome;
  const { trouble } = outcome;
  const tried = `${trouble.tried ?? ''} as ${person}`;
  // A credential that is not taken any more is this actor's: the account itself answers.
  return trouble.code === 'E-REMOTE-AUTH'
    ? { ...outcome, trouble: { ...trouble, tried, code: 'E-REMOTE-REFUSED', todo } }
    : { ...outcome, trouble: { ...trouble, tried } };
}

async function updateAs(session: Session, one: WriteOf<'task.update'>): Promise<Outcome> {
  const status = one.status === null ? null : one.status.to;
  await learnZoneFor(session, one.set);
  const { fields, failures: held } = withoutShiftedDates(session, one.set);
  const wanted = partsOf(fields, status, 'update', session.settings.zone);
  const { parts } = wanted;
  const failures = [...held, ...wanted.failures];
  if (parts.length === 0) return done(session, {}, failures);
  noteWritten(session, one.task, fields);
  const { answer, tried } = await postUpdate(session, one.task, parts, one.silent);
  if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
  if (answer.is === 'ok') return done(session, {}, [...failures, ...failuresIn(answer.data, tried)]);
  if (!mayBeOneValue(answer) || parts.length === 1) {
    const [only] = parts;
    const about = parts.length === 1 && only !== undefined ? only.about : 'task';
    return unsuccessful(session, answer, about, tried);
  }
  const each = await sendEach(session, one.task, parts, one.silent);
  if (each.queued) return { is: 'queued', at: session.runtime.now() };
  if (each.lost !== null) return unsuccessful(session, each.lost.answer, 'task', each.lost.tried);
  return done(session, {}, [...failures, ...each.failures]);
}

async function postUpdate(
  session: Session,
  task: LocalTaskId,
  parts: readonly Part[],
  silent: boolean,
): Promise<Posted> {
  const answer = await send(session, {
    method: 'POST',
    path: `/task/${task}`,
    ...(silent ? { query: { silent: 'true' } } : {}),
    json: bodyOf(parts),
  });
  const tried = `POST /task/${task} (${parts.map((part) => part.about).join(', ')})`;
  noteUpdate(session, answer, parts, tried);
  return { answer, tried };
}

const updateFailed = 1002;

/** What of the undocumented an answer to an update shows (reference 3, 6.4). */
function noteUpdate(session: Session, answer: Answer, parts: readonly Part[], tried: string): void {
  const failures = Failures.safeParse(answer.is === 'ok' ? answer.data['failures'] : undefined);
  const failed = failures.success ? failures.data.map(({ field }) => field) : [];
  if (answer.is === 'ok' && failed.length === 0)
    notice(session, 'task.updateBody', answer.data['result'] === undefined ? 'empty' : 'success', tried);
  const isStatusAlone = parts.every(({ about }) => about === 'status');
  const name: FactName = 'task.enforceTransitions';
  if (failed.includes('status')) notice(session, name, 'failures', `${tried}: failures name the status`);
  if (isStatusAlone && answer.is === 'refused' && answer.code === updateFailed)
    notice(session, name, 'refuse', `${tried}: code ${String(updateFailed)}`);
}

interface Each {
  readonly failures: readonly Trouble[];
  readonly queued: boolean;
  /** The answer that ended the row before any value was surely taken or refused. */
  readonly lost: { readonly answer: Refused | Unclear; readonly tried: string } | null;
}

/** One request per field, so that a refused one fails alone. */
async function sendEach(
  session: Session,
  task: LocalTaskId,
  parts: readonly Part[],
  silent: boolean,
): Promise<Each> {
  const failures: Trouble[] = [];
  let queued = false;
  for (const part of parts) {
    const { answer, tried } = await postUpdate(session, task, [part], silent);
    if (answer.is === 'queued') queued = true;
    else if (answer.is === 'ok') failures.push(...failuresIn(answer.data, tried));
    else if (isAccountWide(answer) || isMissingTask(answer)) {
      return {
        failures: [...failures, troubleOf(answer, part.about, tried)],
        queued,
        lost: { answer, tried },
      };
    } else failures.push(troubleOf(answer, part.about, tried));
  }
  return { failures, queued, lost: null };
}

async function attachFile(session: Session, one: WriteOf<'file.attach'>, open: OpenSource): Promise<Outcome> {
  const uploaded = await upload(session, one.source, open);
  if (uploaded.is === 'down') return notBegun(session, uploaded.answer, uploaded.tried);
  if (uploaded.is === 'failed') {
    return { is: 'refused', at: session.runtime.now(), trouble: uploaded.trouble };
  }
  const path = `/file/${uploaded.file}/attach/task`;
  const answer = await send(session, { method: 'POST', path, query: { id: one.task } });
  if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
  if (answer.is !== 'ok') return unsuccessful(session, answer, one.source.name, `POST ${path}`);
  if (await isMissing(session, one.task, uploaded.file)) {
    const trouble: Trouble = {
      code: 'E-FIELD-NOT-STORED',
      about: one.source.name,
      tried: `POST ${path}`,
      answered: 'Planfix said success, and the task does not have the file',
      todo: 'See whether files can be attached to this task by hand; then svyazka retry.',
    };
    return { is: 'refused', at: session.runtime.now(), trouble };
  }
  return done(session, { files: [{ shared: one.source.shared, file: uploaded.file }] }, []);
}

/** Success is no proof, and a file that a later reading does not show would look like one that a person took off. */
async function isMissing(session: Session, task: LocalTaskId, file: LocalFileId): Promise<boolean> {
  const answer = await send(session, {
    method: 'GET',
    path: `/task/${task}/files`,
    query: { fields: 'id,name' },
  });
  const held = TaskFiles.safeParse(answer.is === 'ok' ? answer.data['files'] : undefined);
  return held.success && !held.data.some(({ id }) => id === file);
}

/**
 * `files` of an update replaces the description's files (reference 6.4), and what it leaves out is deleted when it hangs
 * nowhere else. No method takes off one alone (deleting the file would take it from every place that people put it in), so
 * the list is read right before it is written.
 */
async function detachFile(session: Session, one: WriteOf<'file.detach'>): Promise<Outcome> {
  const path = `/task/${one.task}/files`;
  const query = { onlyFromDescription: 'true', fields: 'id,name' };
  const told = await send(session, { method: 'GET', path, query });
  const refused = told.is === 'refused' || told.is === 'unclear';
  if (refused && isAccountWide(told)) return notBegun(session, told, `GET ${path}`);
  const listed = TaskFiles.safeParse(told.is === 'ok' ? told.data['files'] : undefined);
  if (!listed.success && !refused) {
    const trouble = oddAnswer('file', `GET ${path}`, 'no list of files');
    return { is: 'refused', at: session.runtime.now(), trouble };
  }
  // Without the right to list files the reading of the task has to do, which is no older than a few seconds.
  const held = listed.success ? listed.data : one.base.files;
  if (!held.some(({ id }) => id === one.file)) return done(session, {}, []);
  const left = held.filter(({ id }) => id !== one.file);
  const tried = `POST /task/${one.task} (files)`;
  const answer = await send(session, {
    method: 'POST',
    path: `/task/${one.task}`,
    query: { silent: 'true' },
    json: { files: left.map((file) => ({ id: Number(file.id) })) },
  });
  if (answer.is === 'queued') return { is: 'queued', at: session.runtime.now() };
  if (answer.is !== 'ok') return unsuccessful(session, answer, 'file', tried);
  return done(session, {}, failuresIn(answer.data, tried));
}
