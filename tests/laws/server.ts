/** What the accounts' servers make of a write, each in its own way. */
import { as, type LocalCommentId, type LocalFileId, type LocalTaskId } from '../../errors/ids.ts';
import { type Trouble } from '../../errors/trouble.ts';
import { type DateValue } from '../../sync/core/item.ts';
import { carries } from '../../sync/core/lift.ts';
import {
  type FileSource,
  type Made,
  type Outcome,
  type StatusMove,
  type Write,
} from '../../sync/core/operation.ts';
import { withField } from '../../sync/core/raw.ts';
import { type RawFile, type Snapshot } from '../../sync/core/replica.ts';
import { emptySnapshot, meaningOf, type Server, type World } from './world.ts';

/** As the connectors name comments: what is said in a task chat and under the old card are told apart by it. */
export function commentId(world: World, { view, snapshot }: Server): LocalCommentId {
  const number = String(1_000 + world.serial);
  if (view.kind === 'planfix') return as<LocalCommentId>(number);
  return as<LocalCommentId>(`${snapshot?.world === 'old-card' ? 'comment' : 'chat'}:${number}`);
}

/** Files as the server keeps them, under ids of its own. */
function keptFiles(
  world: World,
  { ways }: Server,
  sources: readonly FileSource[],
): { files: readonly RawFile[]; made: Pick<Made, 'files'>; failures: readonly Trouble[] } {
  if (ways.refusesFiles)
    return { files: [], made: {}, failures: sources.map(({ name }) => ({ ...refusedTrouble, about: name })) };
  const files = sources.map(({ name, size }, index): RawFile => ({
    id: as<LocalFileId>(`${String(1_000 + world.serial)}${String(index)}`),
    name,
    size,
  }));
  const made = sources.flatMap(({ shared }, index) => {
    const file = files[index];
    return file ? [{ shared, file: file.id }] : [];
  });
  return { files, made: made.length > 0 ? { files: made } : {}, failures: [] };
}

const refusedTrouble = { code: 'E-REMOTE-REFUSED', about: 'task', todo: 'Look at the value.' } as const;

/** A task that has gone a way: each step gives it a status, or puts its card into a column. */
const walked = (from: Snapshot, { steps, to }: StatusMove): Snapshot =>
  steps.reduce<Snapshot>(
    (task, step) =>
      step.stage === undefined ? { ...task, status: step.gives } : { ...task, stage: step.stage },
    { ...from, status: to },
  );

/** The server does what a write asks, in its own way. */
export function carryOut(world: World, server: Server, write: Write): Outcome {
  world.now += 200;
  world.serial += 1;
  world.writes += 1;
  const { view, ways } = server;
  const at = world.now;
  const reprinted = (markup: string): string => {
    if (!ways.reprints) return markup;
    const surface = view.descriptionSurface();
    return surface.print(surface.parse(markup).blocks.map(({ block }) => block));
  };
  const minutes = (date: DateValue): DateValue => {
    const { at: moment, timed } = view.store.date(date);
    return { at: Math.floor(moment / 60_000) * 60_000, timed };
  };
  const stored = (base: Snapshot, set: Extract<Write, { kind: 'task.update' }>['set']): Snapshot => {
    let next: Snapshot = {
      ...base,
      ...(set.title === undefined ? {} : { title: view.store.title(set.title) }),
      ...(set.description === undefined
        ? {}
        : { description: reprinted(view.store.description(set.description)) }),
      ...(set.creator === undefined ? {} : { creator: set.creator }),
      ...(set.assignees === undefined ? {} : { assignees: set.assignees }),
      ...(set.participants === undefined ? {} : { participants: set.participants }),
      ...(set.auditors === undefined ? {} : { auditors: set.auditors }),
      ...(set.start === undefined ? {} : { start: set.start && minutes(set.start) }),
      ...(set.deadline === undefined ? {} : { deadline: set.deadline && minutes(set.deadline) }),
      ...(set.control === undefined ? {} : { control: set.control }),
      changedAt: at,
    };
    for (const field of ways.swallows) next = withField(next, base, field);
    return next;
  };
  const done = (made: Made, failures: readonly Trouble[] = []): Outcome => ({
    is: 'done',
    at,
    made,
    failures,
  });
  switch (write.kind) {
    case 'task.create': {
      const base = emptySnapshot(server, as<LocalTaskId>(String(500 + world.serial)));
      const snapshot = {
        ...stored({ ...base, place: write.place, mark: write.mark }, write.fields),
        status: write.status ?? base.status,
        stage: write.stage ?? base.stage,
      };
      const auditors = view.abilities.mustTakePart
        ? [...new Set([...snapshot.auditors, view.actor])]
        : snapshot.auditors;
      const { files, made, failures } = keptFiles(world, server, write.files);
      server.snapshot = { ...snapshot, auditors, files };
      return done({ task: base.task, ...made }, failures);
    }
    case 'task.update': {
      const before = server.snapshot ?? write.base;
      const moved = write.status && walked(before, write.status);
      const meant = (position: Snapshot): string | undefined => meaningOf(world.context, server, position);
      if (moved && meant(before) === meant(moved)) world.needless += 1;
      if (ways.refuses.some((field) => carries(write, field)))
        return { is: 'refused', at, trouble: refusedTrouble };
      const after = stored(before, write.set);
      server.snapshot = write.status ? { ...walked(after, write.status), statusChangedAt: at } : after;
      const guarded = view.abilities.guard === 'in-request';
      return {
        is: 'done',
        at,
        made: {},
        failures: [],
        ...(guarded ? { before, after: server.snapshot } : {}),
      };
    }
    case 'task.join': {
      if (server.snapshot)
        server.snapshot = { ...server.snapshot, auditors: [...server.snapshot.auditors, view.actor] };
      return done({});
    }
    case 'comment.create': {
      const id = commentId(world, server);
      const author = write.author ?? view.actor;
      const { files, made, failures } = keptFiles(world, server, write.files);
      server.comments = [
        ...server.comments,
        {
          id,
          author,
          authorName: view.person(author)?.name ?? '',
          at,
          text: view.store.comment(write.world, write.text),
          files,
          recipients: write.notify,
          replyTo: write.replyTo,
          hidden: false,
          system: false,
          mark: view.abilities.markedComments ? write.mark : null,
        },
      ];
      return done({ comments: [{ comment: id, text: write.text }], ...made }, failures);
    }
    case 'comment.update': {
      const [first] = write.comments;
      server.comments = server.comments.map((one) => (one.id === first ? { ...one, text: write.text } : one));
      return done({
        comments: first === undefined ? [] : [{ comment: first, text: write.text }],
        means: 'update',
      });
    }
    case 'comment.delete':
      server.comments = server.comments.filter((one) => !write.comments.includes(one.id));
      return done({});
    case 'file.attach': {
      if (ways.refusesFiles) return { is: 'refused', at, trouble: { ...refusedTrouble, about: 'file' } };
      const { files, made } = keptFiles(world, server, [write.source]);
      if (server.snapshot)
        server.snapshot = { ...server.snapshot, files: [...server.snapshot.files, ...files], changedAt: at };
      return done(made);
    }
    case 'file.detach':
      if (server.snapshot)
        server.snapshot = {
          ...server.snapshot,
          files: server.snapshot.files.filter(({ id }) => id !== write.file),
          changedAt: at,
        };
      return done({});
  }
}
