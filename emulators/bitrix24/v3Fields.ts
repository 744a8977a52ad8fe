/** What tasks.task.*.field.list tells of fields (tasks-task-field-list.md and fields-rest-v3.md of the vendor's reference). */
import { type Json } from '../common/types.ts';
import { fieldNamesV3, isEditable, sortable } from './v3View.ts';

type Descriptor = { [key: string]: Json };

const ofType: Readonly<Record<string, readonly string[]>> = {
  int: [
    ...[
      'id',
      'creatorId',
      'responsibleId',
      'groupId',
      'stageId',
      'epicId',
      'storyPoints',
      'flowId',
      'parentId',
    ],
    ...[
      'numberOfReminders',
      'chatId',
      'plannedDuration',
      'actualDuration',
      'estimatedTime',
      'outlookVersion',
    ],
    ...[
      'changedById',
      'statusChangedById',
      'closedById',
      'maxDeadlineChanges',
      'deadlineCount',
      'forumTopicId',
    ],
  ],
  bool: [
    ...[
      'needsControl',
      'containsChecklist',
      'containsSubTasks',
      'containsRelatedTasks',
      'containsGanttLinks',
    ],
    ...['containsPlacements', 'containsResults', 'replicate', 'allowsChangeDeadline', 'allowsTimeTracking'],
    ...['matchesWorkTime', 'addInReport', 'isMultitask', 'requireDeadlineChangeReason', 'requireResult'],
    ...['matchesSubTasksTime', 'autocompleteSubTasks', 'allowsChangeDatePlan'],
  ],
  // Dates are objects of the portal's own; texts only on the wire.
  object: [
    ...[
      'created',
      'deadline',
      'startPlan',
      'endPlan',
      'statusChanged',
      'started',
      'changed',
      'closed',
      'activity',
    ],
    ...[
      'maxDeadlineChangeDate',
      'creator',
      'responsible',
      'group',
      'stage',
      'flow',
      'parent',
      'chat',
      'changedBy',
    ],
    ...['statusChangedBy', 'closedBy', 'forkedByTemplate', 'email', 'elapsedTime', 'source'],
  ],
  array: [
    ...['checklist', 'fileIds', 'accomplices', 'auditors', 'rights', 'crmItemIds', 'inFavorite', 'inPin'],
    ...['inGroupPin', 'inMute', 'dependsOn', 'scenarios', 'tags'],
  ],
};

const types = new Map(
  Object.entries(ofType).flatMap(([type, names]) => names.map((name): [string, string] => [name, type])),
);

/** Related objects stand beside the fields that bear their numbers. */
const related: Readonly<Record<string, readonly string[]>> = {
  creatorId: ['creator'],
  responsibleId: ['responsible'],
  groupId: ['group'],
  stageId: ['stage'],
  flowId: ['flow'],
  parentId: ['parent'],
  chatId: ['chat'],
  changedById: ['changedBy'],
  statusChangedById: ['statusChangedBy'],
  closedById: ['closedBy'],
};

const described = (name: string, type: string, more: Descriptor = {}): Descriptor => ({
  name,
  type,
  title: name,
  description: null,
  validationRules: [],
  requiredGroups: null,
  filterable: false,
  sortable: false,
  editable: false,
  multiple: false,
  elementType: null,
  ...more,
});

const id = described('id', 'int', { filterable: true, sortable: true });

/** Fields of a task with their related objects. */
export const taskDescriptors = (): Descriptor[] => [
  ...fieldNamesV3
    .flatMap((name) => [name, ...(related[name] ?? [])])
    .map((name) =>
      name === 'id'
        ? id
        : described(name, types.get(name) ?? 'string', {
            // The example of the page says no of each but the id; tasks.task.list does sort by these.
            sortable: sortable.has(name),
            editable: isEditable(name),
            elementType: types.get(name) === 'array' ? 'int' : null,
            requiredGroups: ['title', 'creatorId', 'responsibleId'].includes(name) ? ['add'] : null,
          }),
    ),
  described('source', 'object'),
];

export const fileDescriptors = (): Descriptor[] => [
  described('taskId', 'int'),
  described('fileIds', 'array'),
];

export const messageDescriptors = (): Descriptor[] => [
  id,
  described('taskId', 'int'),
  described('text', 'string'),
];

/** Rights of a task are asked by its number; the page describes nothing else. */
export const accessDescriptors = (): Descriptor[] => [id];
