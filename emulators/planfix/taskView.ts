/** A task as answers show it (section 6.2). */
import { type Instant, type Json } from '../common/types.ts';
import { type JsonObject } from './answers.ts';
import { askedFields, customFieldData } from './customFields.ts';
import { fileRef } from './fileView.ts';
import { fromWall, momentPoint, timePoint, DAY } from './moments.ts';
import { peopleAnswer, personRef, projectAuditors } from './persons.ts';
import { seesComment } from './rights.ts';
import { zoneOf } from './routes.ts';
import { type Actor, type Moment, type State, type Status, type Task } from './state.ts';

/** Who looks, and when. */
export interface Look {
  readonly state: State;
  readonly actor: Actor;
  readonly now: Instant;
}

export function statusAnswer(status: Status): JsonObject {
  return {
    id: status.id,
    name: status.name,
    color: status.color,
    isActive: status.isActive,
    hasDeadline: status.hasDeadline,
    isAppliedIndividually: status.isAppliedIndividually,
    texts: status.texts.map(({ lang, name }) => ({ lang, name })),
  };
}

/** The status that this person sees: its own where statuses are individual and the account shows them so. */
export function seenStatus(state: State, task: Task, person: string): number {
  if (!state.settings['status.perUserView']) return task.status;
  return task.individualStatuses.find((own) => own.id === person)?.status ?? task.status;
}

/** The real moment of a planned one for people of a zone. */
export function momentIn(moment: Moment, zone: string): Instant {
  return moment.hasTime ? moment.at : fromWall(zone, moment.at);
}

export function isOverdue(state: State, task: Task, now: Instant): boolean {
  if (task.end === undefined || state.statuses.get(task.status)?.isActive === false) return false;
  const end = momentIn(task.end, state.account.timezone);
  return (task.end.hasTime ? end : end + DAY) <= now;
}

/** The asked fields of a task that have a value, `id` first. */
export function taskAnswer(look: Look, task: Task, names: readonly string[]): JsonObject {
  const shown: Record<string, Json> = {};
  for (const name of names) {
    const value = taskField(look, task, name);
    if (value !== undefined) shown[name] = value;
  }
  const custom = customFieldData(
    look.state,
    task.custom,
    askedFields(names, look.state.customFields),
    zoneOf(look),
  );
  if (custom.length > 0) shown['customFieldData'] = custom;
  return shown;
}

function point(moment: Moment | undefined, zone: string): Json | undefined {
  return moment === undefined ? undefined : momentPoint(moment, zone);
}

function reference(id: number | undefined): Json | undefined {
  return id === undefined ? undefined : { id };
}

function taskField(look: Look, task: Task, name: string): Json | undefined {
  const { state, actor, now } = look;
  switch (name) {
    case 'id':
      return task.id;
    case 'name':
      return task.name;
    case 'description':
      return task.description;
    case 'priority':
      return task.priority;
    case 'status': {
      const status = state.statuses.get(seenStatus(state, task, actor.person));
      return status === undefined ? undefined : statusAnswer(status);
    }
    case 'processId':
      return task.processId;
    case 'resultChecking':
      return task.resultChecking;
    case 'type':
      return task.type;
    case 'assigner':
      return task.assigner === undefined ? undefined : personRef(state, task.assigner);
    case 'parent':
      return reference(task.parent);
    case 'template':
      return reference(task.template);
    case 'object':
      return reference(task.object);
    case 'project':
      return reference(task.project);
    case 'counterparty':
      return task.counterparty === undefined ? undefined : personRef(state, task.counterparty);
    case 'dateTime':
      return timePoint(task.createdAt, zoneOf(look));
    case 'startDateTime':
      return point(task.start, zoneOf(look));
    case 'endDateTime':
      return point(task.end, zoneOf(look));
    case 'delayedTillDate':
      return point(task.delayedTill, zoneOf(look));
    case 'actualCompletionDate':
      return task.completedAt === undefined ? undefined : timePoint(task.completedAt, zoneOf(look));
    case 'dateOfLastComment':
      return task.commentedAt === undefined ? undefined : timePoint(task.commentedAt, zoneOf(look));
    case 'dateOfLastUpdate':
      return timePoint(task.changedAt, zoneOf(look));
    case 'hasStartDate':
      return task.start !== undefined;
    case 'hasEndDate':
      return task.end !== undefined;
    case 'hasStartTime':
      return task.start?.hasTime === true;
    case 'hasEndTime':
      return task.end?.hasTime === true;
    case 'duration':
      return task.duration;
    case 'durationUnit':
      return task.durationUnit;
    case 'durationType':
      return task.durationType;
    case 'overdue':
      return isOverdue(state, task, now);
    case 'closeToDeadLine':
      return !isOverdue(state, task, now) && isOverdue(state, task, now + DAY);
    case 'notAcceptedInTime':
      return false;
    case 'inFavorites':
      return task.inFavorites;
    case 'isSummary':
      return task.isSummary;
    case 'isSequential':
      return task.isSequential;
    case 'assignees':
      return peopleAnswer(state, task.assignees);
    case 'participants':
      return peopleAnswer(state, task.participants);
    case 'auditors':
      return peopleAnswer(state, task.auditors);
    case 'projectAuditors':
      return task.project === undefined ? undefined : peopleAnswer(state, projectAuditors(state, task));
    case 'recurrence':
      return task.recurrence;
    case 'isDeleted':
      return task.isDeleted;
    case 'files':
      return task.files.flatMap((id) => fileRef(state, id));
    case 'dataTags':
      return taskDataTags(state, actor, task.id);
    case 'sourceObjectId':
      return task.sourceObjectId;
    case 'sourceDataVersion':
      return task.sourceDataVersion;
    case 'tags':
      return task.tags;
    default:
      // Unknown names are ignored, `customFieldData` among them (section 5).
      return undefined;
  }
}

function taskDataTags(state: State, actor: Actor, task: number): Json[] {
  return (state.commentsByTask.get(task) ?? []).flatMap((id) => {
    const comment = state.comments.get(id);
    if (comment === undefined || comment.isDeleted || !seesComment(state, actor, comment)) return [];
    return comment.dataTags.map((link) => dataTagLink(state, link));
  });
}

/** `{dataTag:{id,name},key}`. */
export function dataTagLink(state: State, link: { dataTag: number; key: number }): Json {
  return {
    dataTag: { id: link.dataTag, name: state.dataTags.get(link.dataTag)?.name ?? '' },
    key: link.key,
  };
}
