/** Comparing raw snapshots of one account: normal forms by field, people without the acting user. */
import { type LocalPersonId, type LocalStageId } from '../../errors/ids.ts';
import { type FieldName, type Position } from '../../mappings/types.ts';
import { type AccountView } from './account.ts';
import { type Surface } from './body.ts';
import { type DateValue } from './item.ts';
import { type StatusMove, type WantedFields } from './operation.ts';
import { type Snapshot } from './replica.ts';

/** The one who holds the task: `preferred` while it is still among the assignees, else the first. */
export function principal(
  view: AccountView,
  snapshot: Snapshot,
  preferred: LocalPersonId | null = null,
): LocalPersonId | null {
  const people = snapshot.assignees.filter((person) => person !== view.actor);
  if (preferred !== null && people.includes(preferred)) return preferred;
  return people[0] ?? null;
}

/** Who works on it beside the principal: further assignees and participants, without the acting user. */
export function helpers(
  view: AccountView,
  snapshot: Snapshot,
  holder: LocalPersonId | null,
): LocalPersonId[] {
  const people = [...snapshot.assignees, ...snapshot.participants];
  return [...new Set(people)].filter((person) => person !== holder && person !== view.actor);
}

export const observers = (view: AccountView, snapshot: Snapshot): LocalPersonId[] =>
  [...new Set(snapshot.auditors)].filter((person) => person !== view.actor);

export const normalPeople = (people: readonly LocalPersonId[]): string => [...people].sort().join(' ');

/** Minutes are the finest that both CRMs keep. */
export const normalDate = (date: DateValue | null): string =>
  date === null ? '' : `${String(Math.floor(date.at / 60_000))}${date.timed ? '' : 'd'}`;

export const normalText = (surface: Surface, markup: string): string =>
  surface
    .parse(markup)
    .blocks.map(({ block }) => surface.normal(block))
    .filter((text) => text !== '')
    .join('\n');

export const normalTitle = (view: AccountView, title: string): string =>
  view.store.title(title).replace(/\s+/gu, ' ').trim();

/** A status with the column of its card, where that was ever moved. */
export const normalPosition = ({ status, stage }: Position): string =>
  stage === undefined || stage === '0' ? status : `${status} in column ${stage}`;

/** A way that puts the card into a column, last of all: the task has the status then that the column is for. */
export const withCard = (
  move: StatusMove,
  stage: LocalStageId | undefined,
  current: LocalStageId | undefined,
): StatusMove =>
  stage === undefined || stage === current
    ? move
    : { ...move, steps: [...move.steps, { via: 'card', gives: move.to, stage }] };

/** The column that a way puts the card into; undefined = it stays where it is. */
export const cardOf = ({ steps }: StatusMove): LocalStageId | undefined =>
  steps.findLast(({ stage }) => stage !== undefined)?.stage;

/** A field of a snapshot as one text, equal for two snapshots of an account that say the same. */
export function normalField(
  view: AccountView,
  snapshot: Snapshot,
  field: FieldName,
  preferred: LocalPersonId | null = null,
): string {
  switch (field) {
    case 'title':
      return normalTitle(view, snapshot.title);
    case 'description':
      return normalText(view.descriptionSurface(), snapshot.description);
    case 'status':
      return normalPosition(snapshot);
    case 'creator':
      return snapshot.creator ?? '';
    case 'assignee':
      return principal(view, snapshot, preferred) ?? '';
    case 'participants':
      return normalPeople(helpers(view, snapshot, principal(view, snapshot, preferred)));
    case 'auditors':
      return normalPeople(observers(view, snapshot));
    case 'start':
      return normalDate(snapshot.start);
    case 'deadline':
      return normalDate(snapshot.deadline);
  }
}

/** All that decides in an account whether a status of a task can be reached, as one text. */
export const circumstances = ({ actors }: AccountView, snapshot: Snapshot): string => {
  const { status, control, creator, assignees, participants, auditors, actions } = snapshot;
  return JSON.stringify([
    status,
    control,
    creator,
    ...[assignees, participants, auditors, actions ?? [], actors].map((list) => [...list].sort()),
  ]);
};

/** What a held status is listed with. */
export const statusWish = ({ account }: AccountView, { task, status }: Snapshot, wanted: string): string =>
  `status "${wanted}" of task ${task} in ${account}, which stands in "${status}"`;

/** The snapshot as it should be once `set` is stored, as far as the server's documented changes tell. */
export function withWritten(view: AccountView, snapshot: Snapshot, set: WantedFields): Snapshot {
  return {
    ...snapshot,
    ...(set.title === undefined ? {} : { title: view.store.title(set.title) }),
    ...(set.description === undefined ? {} : { description: view.store.description(set.description) }),
    ...(set.creator === undefined ? {} : { creator: set.creator }),
    ...(set.assignees === undefined ? {} : { assignees: set.assignees }),
    ...(set.participants === undefined ? {} : { participants: set.participants }),
    ...(set.auditors === undefined ? {} : { auditors: set.auditors }),
    ...(set.start === undefined ? {} : { start: set.start === null ? null : view.store.date(set.start) }),
    ...(set.deadline === undefined
      ? {}
      : { deadline: set.deadline === null ? null : view.store.date(set.deadline) }),
    ...(set.control === undefined ? {} : { control: set.control }),
  };
}

/** One field of `from` put into `into`. */
export function withField(into: Snapshot, from: Snapshot, field: FieldName): Snapshot {
  switch (field) {
    case 'title':
      return { ...into, title: from.title };
    case 'description':
      return { ...into, description: from.description };
    case 'status':
      return { ...into, status: from.status, stage: from.stage };
    case 'creator':
      return { ...into, creator: from.creator };
    case 'assignee':
    case 'participants':
      return { ...into, assignees: from.assignees, participants: from.participants };
    case 'auditors':
      return { ...into, auditors: from.auditors };
    case 'start':
      return { ...into, start: from.start };
    case 'deadline':
      return { ...into, deadline: from.deadline };
  }
}
