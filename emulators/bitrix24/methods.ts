/** Every method that the emulator serves, by name and version. */
import { type Method } from './call.ts';
import { chatMethods } from './chat.ts';
import { chatFileMethods } from './chatFiles.ts';
import { chatMemberMethods } from './chatMembers.ts';
import { checklistMethods } from './checklist.ts';
import { commentMethods } from './comments.ts';
import { crmMethods } from './crm.ts';
import { crmTypeMethods } from './crmTypes.ts';
import { customFieldMethods } from './customFields.ts';
import { departmentMethods } from './departments.ts';
import { dependenceMethods } from './dependence.ts';
import { dialogMethods } from './dialogs.ts';
import { diskMethods } from './disk.ts';
import { diskMoveMethods } from './diskMoves.ts';
import { diskVersionMethods } from './diskVersions.ts';
import { elapsedMethods } from './elapsed.ts';
import { eventMethods } from './eventMethods.ts';
import { groupMethods } from './groups.ts';
import { imEventMethods } from './imEvents.ts';
import { manifestMethods } from './manifests.ts';
import { notifyMethods } from './notify.ts';
import { offlineMethods } from './offline.ts';
import { optionMethods } from './options.ts';
import { placementMethods } from './placements.ts';
import { nameMethodsBy, portalMethods } from './portal.ts';
import { resultMethods } from './results.ts';
import { stageMethods } from './stages.ts';
import { statusMethods } from './statuses.ts';
import { taskItemMethods } from './taskItem.ts';
import { taskListMethods } from './taskList.ts';
import { olderTaskMethods } from './taskOlder.ts';
import { taskMethods } from './tasks.ts';
import { timelineMethods } from './timeline.ts';
import { userMethods } from './users.ts';
import { userWriteMethods } from './userWrites.ts';
import { resultMethodsV3 } from './v3Results.ts';
import { v3Methods } from './v3Tasks.ts';
import { workgroupMethods } from './workgroups.ts';

export const methods: readonly Method[] = [
  ...portalMethods,
  ...taskMethods,
  ...taskListMethods,
  ...dependenceMethods,
  ...taskItemMethods,
  ...olderTaskMethods,
  ...manifestMethods,
  ...elapsedMethods,
  ...statusMethods,
  ...stageMethods,
  ...checklistMethods,
  ...commentMethods,
  ...resultMethods,
  ...customFieldMethods,
  ...chatMethods,
  ...chatFileMethods,
  ...chatMemberMethods,
  ...imEventMethods,
  ...dialogMethods,
  ...notifyMethods,
  ...diskMethods,
  ...diskMoveMethods,
  ...diskVersionMethods,
  ...userMethods,
  ...userWriteMethods,
  ...optionMethods,
  ...departmentMethods,
  ...groupMethods,
  ...workgroupMethods,
  ...eventMethods,
  ...offlineMethods,
  ...placementMethods,
  ...crmMethods,
  ...crmTypeMethods,
  ...timelineMethods,
  ...v3Methods,
  ...resultMethodsV3,
];

nameMethodsBy(() => methods.filter((method) => method.version === 2));

const keyOf = (name: string, version: 2 | 3): string => `${version} ${name.toLowerCase()}`;

let index: Map<string, Method> | undefined;

/** The method of that name, whatever its letter case. */
export const methodNamed = (name: string, version: 2 | 3): Method | undefined => {
  index ??= new Map(methods.map((method) => [keyOf(method.name, method.version), method]));
  return index.get(keyOf(name, version));
};
