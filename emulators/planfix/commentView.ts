/** A comment as answers show it (section 8). */
import { type Json } from '../common/types.ts';
import { type JsonObject } from './answers.ts';
import { fileRef } from './fileView.ts';
import { momentPoint, timePoint } from './moments.ts';
import { peopleAnswer, personRef } from './persons.ts';
import { zoneOf } from './routes.ts';
import { type Comment, type DateChange } from './state.ts';
import { dataTagLink, type Look } from './taskView.ts';

/** The asked fields of a comment that have a value. */
export function commentAnswer(look: Look, comment: Comment, names: readonly string[]): JsonObject {
  const shown: Record<string, Json> = {};
  for (const name of names) {
    const value = commentField(look, comment, name);
    if (value !== undefined) shown[name] = value;
  }
  return shown;
}

function commentField(look: Look, comment: Comment, name: string): Json | undefined {
  const { state, actor } = look;
  switch (name) {
    case 'id':
      return comment.id;
    case 'dateTime':
      return timePoint(comment.createdAt, zoneOf(look));
    case 'type':
      return comment.type;
    case 'fromType':
      return comment.fromType;
    case 'description':
      return comment.description;
    case 'task':
      return { id: comment.task };
    case 'project': {
      const project = state.tasks.get(comment.task)?.project;
      return project === undefined ? undefined : { id: project };
    }
    case 'owner':
      return personRef(state, comment.owner);
    case 'isDeleted':
      return comment.isDeleted;
    case 'isPinned':
      return comment.isPinned;
    case 'isHidden':
      return comment.isHidden;
    case 'isNotRead':
      return comment.owner !== actor.person && comment.createdBy !== actor.person;
    case 'recipients':
      return peopleAnswer(state, comment.recipients);
    case 'reminders':
      return [];
    case 'dataTags':
      return comment.dataTags.map((link) => dataTagLink(state, link));
    case 'files':
      return comment.files.flatMap((id) => fileRef(state, id));
    case 'changeStatus':
      return comment.changeStatus === undefined ? undefined : { ...comment.changeStatus };
    case 'changeTaskStartDate':
      return dateChange(comment.changeStart, zoneOf(look));
    case 'changeTaskExpectDate':
      return dateChange(comment.changeEnd, zoneOf(look));
    case 'sourceObjectId':
      return comment.sourceObjectId;
    case 'sourceDataVersion':
      return comment.sourceDataVersion;
    default:
      return undefined;
  }
}

/** `{oldDateTime,newDateTime,hasOldDate,…}`. */
export function dateChange(change: DateChange | undefined, zone: string): Json | undefined {
  if (change === undefined) return undefined;
  return {
    oldDateTime: change.old === undefined ? null : momentPoint(change.old, zone),
    newDateTime: change.new === undefined ? null : momentPoint(change.new, zone),
    hasOldDate: change.old !== undefined,
    hasNewDate: change.new !== undefined,
    hasOldTime: change.old?.hasTime === true,
    hasNewTime: change.new?.hasTime === true,
  };
}
