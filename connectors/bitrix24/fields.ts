/** Wanted values of a task as write fields of tasks.task.add and tasks.task.update (b24restdocs: api-reference/tasks/fields.md). */
import { type Instant, type LocalPersonId } from '../../errors/ids.ts';
import { type WantedFields } from '../../sync/core/operation.ts';
import { type Snapshot } from '../../sync/core/replica.ts';
import { type Params } from './batch.ts';
import { store } from './store.ts';

/** What is written and refused together. */
export interface FieldGroup {
  /** Name of the field as the core knows it. */
  readonly about: string;
  readonly params: Params;
}

/** ISO 8601 with an offset: without one the portal would take it for its own zone. */
export const isoMoment = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}+00:00`;

const dateText = (date: { readonly at: Instant } | null): string => (date === null ? '' : isoMoment(date.at));

type People = Pick<Snapshot, 'creator' | 'assignees' | 'participants' | 'auditors'>;

/**
 * The auditors to write so that the acting user keeps its seat in the task and its chat, or null when nothing about
 * people changes or it keeps another seat.
 */
function auditorsWithActor(
  set: WantedFields,
  base: People,
  actor: LocalPersonId,
): readonly LocalPersonId[] | undefined {
  const touches = set.creator ?? set.assignees ?? set.participants ?? set.auditors;
  if (touches === undefined) return undefined;
  const auditors = set.auditors ?? base.auditors;
  const seats = [
    set.creator ?? base.creator,
    ...(set.assignees ?? base.assignees),
    ...(set.participants ?? base.participants),
    ...auditors,
  ];
  if (seats.includes(actor)) return set.auditors;
  return [...auditors, actor];
}

/**
 * The fields to write, each in its group. `endPlan` is the task's planned end: start and end travel together, and an end
 * before the new start would refuse both.
 */
export function fieldGroups(
  set: WantedFields,
  base: People,
  actor: LocalPersonId,
  endPlan: Instant | null,
): readonly FieldGroup[] {
  const groups: FieldGroup[] = [];
  const add = (about: string, params: Params): void => {
    groups.push({ about, params });
  };
  if (set.title !== undefined) add('title', { TITLE: store.title(set.title) });
  if (set.description !== undefined) add('description', { DESCRIPTION: store.description(set.description) });
  if (set.creator !== undefined) add('creator', { CREATED_BY: set.creator });
  const [responsible] = set.assignees ?? [];
  if (responsible !== undefined) add('assignee', { RESPONSIBLE_ID: responsible });
  if (set.participants !== undefined) add('participants', { ACCOMPLICES: set.participants });
  const auditors = auditorsWithActor(set, base, actor);
  if (auditors !== undefined) add('auditors', { AUDITORS: auditors });
  if (set.start !== undefined) {
    const end = endPlan !== null && (set.start === null || endPlan >= set.start.at) ? isoMoment(endPlan) : '';
    add('start', { START_DATE_PLAN: dateText(set.start), END_DATE_PLAN: end });
  }
  if (set.deadline !== undefined) add('deadline', { DEADLINE: dateText(set.deadline) });
  // The control flag is written only on the way to a status that waits for acceptance.
  if (set.control !== undefined) add('status', { TASK_CONTROL: set.control ? 'Y' : 'N' });
  return groups;
}

export const joined = (groups: readonly FieldGroup[]): Params =>
  Object.fromEntries(groups.flatMap(({ params }) => Object.entries(params)));
