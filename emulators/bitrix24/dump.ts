/** The state of a portal as plain data that `create` reads again: the world's own form and what it does not know. */
import { type Json } from '../common/types.ts';
import { crmRows } from './crmWorld.ts';
import { bytesOf } from './diskStore.ts';
import { iso } from './moments.ts';
import { type Attachment, type State, type Task } from './state.ts';

interface Row {
  [key: string]: Json;
}

const attachmentRow = (state: State, attachment: Attachment): Row => {
  const file = state.files.get(attachment.disk);
  return {
    id: attachment.id,
    disk: attachment.disk,
    name: file?.name ?? '',
    size: file?.size ?? 0,
    created: iso(state, attachment.created),
    created_by: attachment.createdBy,
  };
};

const attachmentRows = (state: State, ids: readonly number[]): Json =>
  ids.flatMap((id) => {
    const attachment = state.attachments.get(id);
    return attachment === undefined ? [] : [attachmentRow(state, attachment)];
  });

const taskRow = (state: State, task: Task): Row => {
  const date = (at: number | null): string | null => iso(state, at);
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    creator: task.creator,
    responsible: task.responsible,
    accomplices: [...task.accomplices],
    auditors: [...task.auditors],
    status: task.status,
    priority: task.priority,
    mark: task.mark,
    group: task.group,
    stage: task.stage,
    parent: task.parent,
    deadline: date(task.deadline),
    start_plan: date(task.startPlan),
    end_plan: date(task.endPlan),
    started: date(task.started),
    created: date(task.created),
    changed: date(task.changed),
    activity: date(task.activity),
    status_changed: date(task.statusChanged),
    closed: date(task.closed),
    changed_by: task.changedBy,
    status_changed_by: task.statusChangedBy,
    closed_by: task.closedBy,
    task_control: task.control,
    allow_change_deadline: task.allowChangeDeadline,
    allow_time_tracking: task.allowTimeTracking,
    match_work_time: task.matchWorkTime,
    add_in_report: task.addInReport,
    estimate: task.estimate,
    xml_id: task.xmlId,
    guid: task.guid,
    card: task.card,
    chat: task.chat,
    forum_topic: task.forumTopic,
    tags: task.tags.map(({ id, title }): Json => ({ id, title })),
    crm: [...task.crm],
    attachments: attachmentRows(state, task.attachments),
    custom: { ...task.custom },
    parameters: [...task.parameters],
    depends_on: task.dependsOn.map((link): Json => ({ ...link })),
    checklist: task.checklist.flatMap((id): Row[] => {
      const item = state.checkItems.get(id);
      if (item === undefined) return [];
      return [
        {
          id,
          parent: item.parent,
          title: item.title,
          sort: item.sort,
          complete: item.complete,
          important: item.important,
          created_by: item.createdBy,
          toggled_by: item.toggledBy,
          toggled_date: date(item.toggled),
          members: item.members.map((member): Json => ({ ...member })),
        },
      ];
    }),
    elapsed: task.elapsed.flatMap((id): Row[] => {
      const item = state.elapsed.get(id);
      return item === undefined
        ? []
        : [{ id, user: item.user, seconds: item.seconds, text: item.text, created: date(item.created) }];
    }),
    results: task.results.flatMap((id): Row[] => {
      const item = state.results.get(id);
      if (item === undefined) return [];
      const { author, text, closed, message, comment } = item;
      return [
        {
          id,
          author,
          text,
          created: date(item.created),
          updated: date(item.updated),
          closed,
          message,
          comment,
          files: [...item.files],
        },
      ];
    }),
    history: task.history.map((entry): Json => ({
      id: entry.id,
      date: date(entry.at),
      field: entry.field,
      from: entry.from,
      to: entry.to,
      user: entry.user,
    })),
    viewed: Object.fromEntries([...task.viewed].map(([user, at]) => [String(user), date(at)])),
    favorite_of: [...task.favoriteOf],
    muted_of: [...task.mutedOf],
    pinned_of: [...task.pinnedOf],
    version: task.version,
  };
};

const portalRow = ({ portal }: State): Row => ({
  domain: portal.domain,
  member_id: portal.memberId,
  server_endpoint: portal.serverEndpoint,
  utc_offset: portal.utcOffset,
  now: portal.now,
  plan: portal.plan,
  rate: { burst: portal.burst, drain_per_second: portal.drainPerSecond },
  operating_limit_seconds: portal.operatingLimitSeconds,
  rest_v3: portal.restV3,
  state: portal.condition,
  former_domains: [...portal.formerDomains],
  browser_user: portal.browserUser,
});

const applicationRow = (state: State): Json => {
  const { application } = state;
  if (application === null) return null;
  return {
    client_id: application.clientId,
    client_secret: application.clientSecret,
    redirect_uri: application.redirectUri,
    ...(application.handler === null ? {} : { handler: application.handler }),
    ...(application.installPath === null ? {} : { install_path: application.installPath }),
    ...(application.apiOnly ? { api_only: true } : {}),
    application_token: application.applicationToken,
    scope: [...application.scope],
    tokens: [...application.tokens.values()].map((token): Json => ({
      access_token: token.token,
      user: token.user,
      expires: iso(state, token.expires),
      expired: token.expired,
    })),
    refresh_tokens: [...application.refreshTokens.values()].map((token): Json => ({ ...token })),
    codes: application.codes.map((code): Json => ({ ...code, issued: iso(state, code.issued) })),
    status: application.status,
    version: application.version,
    installed: application.installed,
    ...(application.unfinished ? { unfinished: true } : {}),
    paid_until: iso(state, application.paidUntil),
    allowed_users: application.allowedUsers === null ? null : [...application.allowedUsers],
  };
};

const trashedRow = (
  state: State,
  { trashed }: { readonly trashed: { readonly at: number; readonly by: number } | null },
): Row => (trashed === null ? {} : { trashed: iso(state, trashed.at), trashed_by: trashed.by });

const diskRows = (state: State): Row => ({
  storages: [...state.storages.values()].map((storage): Json => ({
    id: storage.id,
    name: storage.name,
    entity_type: storage.entityType,
    entity_id: storage.entityId,
    root: storage.root,
  })),
  folders: [...state.folders.values()].map((folder): Json => ({
    id: folder.id,
    name: folder.name,
    storage: folder.storage,
    parent: folder.parent,
    writable_by: folder.writableBy === null ? null : [...folder.writableBy],
    created_by: folder.createdBy,
    created: iso(state, folder.created),
    chat: folder.chat,
    ...trashedRow(state, folder),
  })),
  files: [...state.files.values()].map((file): Json => ({
    id: file.id,
    name: file.name,
    size: file.size,
    storage: file.storage,
    folder: file.folder,
    chat: file.chat,
    readable_by: file.readableBy === null ? null : [...file.readableBy],
    created_by: file.createdBy,
    created: iso(state, file.created),
    updated: iso(state, file.updated),
    version: file.version,
    ...(file.past.length === 0
      ? {}
      : {
          past: file.past.map((one): Json => ({
            number: one.number,
            name: one.name,
            base64: Buffer.from(one.bytes).toString('base64'),
            created: iso(state, one.created),
            created_by: one.createdBy,
          })),
        }),
    deleted: file.deleted,
    ...trashedRow(state, file),
    base64: Buffer.from(bytesOf(file)).toString('base64'),
  })),
  links: [...state.links.values()].map((link): Json => ({ ...link })),
});

/** Plain data of the whole portal, in a fixed order. */
export const dumpState = (state: State): Json => ({
  about: `Bitrix24 portal ${state.account}, dumped by the emulator`,
  portal: portalRow(state),
  settings: Object.fromEntries([...state.settings].map(([name, value]) => [name, value as Json])),
  application: applicationRow(state),
  outgoing_webhook:
    state.outgoing === null
      ? null
      : {
          application_token: state.outgoing.applicationToken,
          event_handler_id: state.outgoing.handlerId,
          handler: state.outgoing.handler,
          events: [...state.outgoing.events],
        },
  placements: state.placements.map((placement): Json => ({ ...placement })),
  robots: [...state.robots],
  options: Object.fromEntries(state.options),
  event_handlers: state.handlers.map((handler): Json => ({
    id: handler.id,
    event: handler.event,
    handler: handler.handler,
    user: handler.user,
    auth_type: handler.authType,
    offline: handler.offline,
    connector: handler.connector,
    options: handler.options,
    rang: iso(state, handler.rang),
  })),
  offline_events: state.offline.map((row): Json => ({
    id: row.id,
    message_id: row.messageId,
    event: row.event,
    task: row.task,
    data: row.data,
    user: row.user,
    connector: row.connector,
    date: iso(state, row.date),
    process_id: row.process,
    reserved: iso(state, row.reserved),
    error: row.error,
  })),
  incoming_webhooks: [...state.hooks.values()].map((hook): Json => ({
    user: hook.user,
    secret: hook.secret,
    scope: [...hook.scope],
  })),
  operating_used: [...state.operating].flatMap(([key, minutes]) => {
    const [secret = '', method = ''] = key.split('|');
    return [...minutes].map(([at, seconds]): Json => ({
      secret,
      method,
      seconds,
      at: iso(state, at * 60_000),
    }));
  }),
  users: [...state.users.values()].map((user): Json => ({
    id: user.id,
    name: user.name,
    position: user.position,
    admin: user.admin,
    type: user.type,
    active: user.active,
    email: user.email,
    departments: [...user.departments],
    hidden: user.hidden,
    external_auth_id: user.externalAuthId,
    extra: user.extra,
  })),
  departments: [...state.departments.values()].map((department): Json => ({ ...department })),
  groups: [...state.groups.values()].map((group): Json => ({
    ...group,
    moderators: [...group.moderators],
    members: [...group.members],
    stages: group.stages.map((stage): Json => ({ ...stage })),
  })),
  custom_fields: state.customFields.map((field): Json => ({ ...field })),
  tasks: state.taskIds.flatMap((id): Row[] => {
    const task = state.tasks.get(id);
    return task === undefined ? [] : [taskRow(state, task)];
  }),
  comments: [...state.comments.values()].map((comment): Json => ({
    task: comment.task,
    id: comment.id,
    author: comment.author,
    date: iso(state, comment.date),
    text: comment.text,
    attachments: attachmentRows(state, comment.attachments),
  })),
  chats: [...state.chats.values()].map((chat): Json => ({
    id: chat.id,
    task: chat.task,
    members: [...chat.members],
    ...(chat.hidden.size === 0
      ? {}
      : { hidden: [...chat.hidden].map(([user, until]): Json => ({ user, until })) }),
    messages: chat.messages.flatMap((id): Row[] => {
      const message = state.messages.get(id);
      if (message === undefined) return [];
      return [
        {
          id,
          author: message.author,
          date: iso(state, message.date),
          text: message.text,
          files: [...message.files],
          edited: message.edited,
          deleted: message.deleted,
          ...(message.likes.length === 0 ? {} : { likes: [...message.likes] }),
          uuid: message.uuid,
          template_id: message.templateId,
          reply_to: message.replyTo,
        },
      ];
    }),
  })),
  crm: crmRows(state),
  disk: diskRows(state),
  next_ids: Object.fromEntries([...state.next].sort(([a], [b]) => (a < b ? -1 : 1))),
  emulator: {
    chance: state.chance,
    switched: state.switched,
    bucket: { ...state.bucket },
    sent: state.sent,
    lost: state.lost,
    im_events: [...state.imEvents].map(([user, { subscribed, events }]): Json => ({
      user,
      subscribed,
      events: events.map((event): Json => ({ ...event, date: iso(state, event.date) })),
    })),
    idempotent: [...state.idempotent].map(([key, entry]): Json => ({
      key,
      ...entry,
      at: iso(state, entry.at),
    })),
    template_ids: [...state.templateIds].map(([id, message]): Json => ({ id, message })),
  },
});
