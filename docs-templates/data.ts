/** What a document may say of a task: only what its role sees, by the same projection through which everything leaves. */
import { type AccountId, type Instant } from '../errors/ids.ts';
import { type FieldName } from '../mappings/types.ts';
import { plainText } from '../sync/core/bodyLens.ts';
import { type Context, fieldRule, member, sees, view } from '../sync/core/context.ts';
import {
  type DateValue,
  type FileRef,
  type Item,
  type Message,
  type Party,
  type SharedFile,
} from '../sync/core/item.ts';
import { reaches } from '../sync/core/audience.ts';
import { appearance } from '../sync/core/people.ts';
import { projectField, shownName } from '../sync/core/project.ts';
import { wordsFor } from '../sync/core/quotes.ts';
import { type Snapshot } from '../sync/core/replica.ts';
import { type DocumentData, type DocumentValue, optionalGroup } from './render.ts';
import { type Moment, momentAt } from './wording.ts';

export interface DataOrder {
  readonly context: Context;
  readonly item: Item;
  /** The account whose role the document is for. */
  readonly account: AccountId;
  /** That account's task as last read. */
  readonly snapshot: Snapshot;
  /** Files that are documents made before: an act does not list itself. */
  readonly documents: readonly FileRef[];
  readonly now: Instant;
  /** IANA zone in which days and times are told. */
  readonly zone: string;
  readonly extra: Readonly<Record<string, string>>;
}

/** Names of the room's own that `extra` may replace. */
const replaceable: readonly string[] = ['номер', 'дата', 'заказчик', 'исполнитель'];

const taken: readonly string[] = [
  'задача',
  'комментарии',
  'файлы',
  'организации',
  'пространство',
  'сегодня',
  'сейчас',
  optionalGroup,
];

/** Names in `extra` that would hide a part of the task. */
export const takenNames = (extra: Readonly<Record<string, string>>): string[] =>
  Object.keys(extra).filter((name) => taken.includes(name));

/** Everything that a template may name. Values of `extra` stand beside it, and under `дополнительно`. */
export function documentData(order: DataOrder): DocumentData {
  const { context, item, account, snapshot, now, zone, extra } = order;
  const fields = visibleFields(context, item, account);
  const person = (party: Party | null | undefined): DocumentValue => personValue(context, account, party);
  const moment = (date: DateValue | null): DocumentValue =>
    date && asValue(momentAt(date.at, zone, date.timed));
  const creator = fields.creator?.value;
  const assignee = fields.assignee?.value;
  const shown = shownFields(order);
  const own: DocumentData = {
    задача: {
      номер: snapshot.task,
      название: shown.title,
      описание: shown.description,
      статус: fields.status?.value ?? null,
      начало: moment(shown.start),
      срок: moment(shown.deadline),
      автор: person(creator),
      исполнитель: person(assignee),
      участники: beside(context, account, fields.participants?.value ?? []),
      наблюдатели: beside(context, account, fields.auditors?.value ?? []),
    },
    комментарии: comments(order),
    файлы: files(order),
    организации: context.mapping.members
      .filter((one) => sees(context, account, one.account))
      .map((one) => ({ название: organisation(context, one.account), роль: one.role })),
    // Spaces are named after members that others may not know of.
    пространство: account === context.mapping.hub ? context.mapping.space : null,
    сегодня: asValue(momentAt(now, zone, false)),
    сейчас: asValue(momentAt(now, zone, true)),
    номер: snapshot.task,
    дата: asValue(momentAt(now, zone, false)),
    заказчик: organisationOf(context, account, creator),
    исполнитель: organisationOf(context, account, assignee),
  };
  return { ...extra, ...own, ...replaced(extra), [optionalGroup]: { ...extra } };
}

const visibleFields = (context: Context, item: Item, account: AccountId): Item['fields'] =>
  Object.fromEntries(
    Object.entries(item.fields).filter(([name]) => fieldRule(context, account, name as FieldName)),
  );

const replaced = (extra: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(extra).filter(([name]) => replaceable.includes(name)));

const asValue = ({ year, month, day, time }: Moment): DocumentValue => ({ year, month, day, time });

const organisation = (context: Context, account: AccountId): string => view(context, account).organisation;

/** Values as the account's own card shows them, or will once everything is written. */
function shownFields({ context, item, account, snapshot }: DataOrder): {
  title: string;
  description: string;
  start: DateValue | null;
  deadline: DateValue | null;
} {
  const set = (name: FieldName) => {
    const projected = projectField(context, item, account, name, snapshot);
    return projected.is === 'wanted' ? projected.set : {};
  };
  const { start = snapshot.start } = set('start');
  const { deadline = snapshot.deadline } = set('deadline');
  const markup = set('description').description ?? snapshot.description;
  const body = view(context, account).descriptionSurface().parse(markup);
  return {
    title: set('title').title ?? snapshot.title,
    description: plainText(body.blocks.map(({ block }) => block)),
    start,
    deadline,
  };
}

/** The organisation of a party by the name under which the account knows it. */
function organisationOf(
  context: Context,
  account: AccountId,
  party: Party | null | undefined,
): string | null {
  if (!party) return null;
  if (party.home === account) return organisation(context, account);
  return shownName(context, account, { kind: 'organisation', home: party.home }, '');
}

const nameAtHome = (context: Context, party: Party): string | undefined =>
  party.kind === 'person' ? context.views.get(party.home)?.person(party.person)?.name : undefined;

function personValue(context: Context, account: AccountId, party: Party | null | undefined): DocumentValue {
  const company = organisationOf(context, account, party);
  if (!party || company === null) return null;
  const name = sees(context, account, party.home) ? nameAtHome(context, party) : undefined;
  return { имя: name ?? company, организация: company };
}

/** People beside the holder, as a task shows them: who else of another organisation works on it is that one's business. */
function beside(context: Context, account: AccountId, parties: readonly Party[]): DocumentValue {
  return parties
    .filter((party) => {
      const how = appearance(context, account, party);
      if (how.is === 'own-organisation') return party.home === account;
      return (
        how.is === 'person' && (how.as === 'self' || (how.as === 'stand-in' && party.kind === 'organisation'))
      );
    })
    .map((party) => personValue(context, account, party));
}

/** Comments of a whole organisation's own hand, and of others what reaches the account; never what only some were told. */
const visibleMessages = ({ context, item, account }: DataOrder): Message[] =>
  item.messages
    .filter(
      (message) =>
        message.state === 'live' &&
        !message.hidden &&
        (message.origin.account === account || reaches(context, message, account)),
    )
    .sort((a, b) => a.at - b.at);

function comments(order: DataOrder): DocumentValue {
  const { context, account, zone } = order;
  return visibleMessages(order).map((message) => {
    const party: Party = message.author ?? { kind: 'organisation', home: message.provenance.organisation };
    const known = sees(context, account, party.home);
    const company = organisationOf(context, account, party);
    return {
      автор: party.kind === 'person' && known ? message.authorName : company,
      организация: company,
      когда: asValue(momentAt(message.at, zone, true)),
      текст: plainText(wordsFor(context, account, message, order.item.messages)),
      файлы: messageFiles(order, message).map(({ name }) => name),
    };
  });
}

const messageFiles = ({ context, account }: DataOrder, message: Message): SharedFile[] =>
  message.files.filter((file) => isLive(file) && (file.account === account || context.mapping.files.share));

const isLive = (file: SharedFile): boolean => file.state === 'live';

/** Files of the task and of the comments that the account sees. */
function files(order: DataOrder): DocumentValue {
  const { context, item, account, documents } = order;
  const crosses = (file: SharedFile): boolean =>
    !documents.some((one) => one.account === file.account && one.file === file.file) &&
    (file.account === account ||
      (context.mapping.files.share && sees(context, account, file.by?.home ?? file.account)));
  const shared = [
    ...item.files.filter(crosses),
    ...visibleMessages(order).flatMap((one) => messageFiles(order, one)),
  ];
  return shared.filter(isLive).map((file) => ({
    название: file.name,
    размер: file.size,
    организация: organisationOf(context, account, file.by ?? { kind: 'organisation', home: file.account }),
  }));
}

/**
 * Accounts that may read a document made for `account`: those that see its organisation and all that it sees, and from
 * whom no field is hidden that it sees. Its own account is not among them.
 */
export function readersOf(context: Context, account: AccountId): AccountId[] {
  const { members, fields } = context.mapping;
  const seen = members.filter((one) => sees(context, account, one.account));
  const shown = Object.values(fields).filter((rule) => !rule.hide.includes(member(context, account).role));
  return members
    .filter(
      (reader) =>
        reader.account !== account &&
        seen.every((one) => sees(context, reader.account, one.account)) &&
        shown.every((rule) => !rule.hide.includes(reader.role)),
    )
    .map((reader) => reader.account);
}
