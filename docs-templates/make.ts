/** A document made for one role from a shared task, and put into the task. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Connector } from '../connectors/port.ts';
import { type AccountId, type LocalTaskId, type RoleName, type SpaceId } from '../errors/ids.ts';
import { type Mapping, memberOf } from '../mappings/types.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { type LoadedItem, type Store } from '../store/port.ts';
import { type AccountView } from '../sync/core/account.ts';
import { type Context } from '../sync/core/context.ts';
import { attach, documentsOf } from './attach.ts';
import { documentData, takenNames } from './data.ts';
import { DocumentRefused } from './refused.ts';
import { renderDocument } from './render.ts';

export { DocumentRefused } from './refused.ts';

/** The part of the engine's things that a document needs; EngineDeps fits. */
export interface DocumentDeps {
  readonly store: Pick<Store, 'loadByTask' | 'commit'>;
  readonly runtime: Pick<Runtime, 'now' | 'uuid'>;
  readonly accounts: ReadonlyMap<AccountId, { readonly connector: Connector; readonly view: AccountView }>;
  readonly mappings: ReadonlyMap<SpaceId, Mapping>;
}

export interface DocumentOrder {
  readonly deps: DocumentDeps;
  /** Bytes of a .docx with the name that people gave it, or the name of a built-in template (`akt`). */
  readonly template: { readonly name: string; readonly bytes: Uint8Array } | string;
  readonly account: AccountId;
  readonly task: LocalTaskId;
  /** Whose eyes the document is for; absent = the role of `account`. */
  readonly forRole?: RoleName;
  readonly attach: boolean;
  /** Further values by name: `--set сумма=150000`. */
  readonly extra: Readonly<Record<string, string>>;
  /** The document's day; absent = now. */
  readonly now?: number;
  /** IANA zone of days and times; absent = Europe/Moscow. */
  readonly zone?: string;
}

export interface Attached {
  readonly account: AccountId;
  readonly task: LocalTaskId;
  /** `already` = a file of this name and content was attached before and is still there. */
  readonly is: 'attached' | 'already';
  /** Accounts whose copies of the task get the file too, by the bridge. */
  readonly shownTo: readonly AccountId[];
}

export interface MadeDocument {
  readonly docx: Uint8Array;
  readonly fileName: string;
  readonly role: RoleName;
  readonly attached?: Attached;
}

/** Built-in templates: name as commands take it → how the file is called. */
export const builtIn: Readonly<Record<string, string>> = { akt: 'Акт выполненных работ' };

/** Makes a document from what its role sees of the task, and attaches it where `attach` says. Throws DocumentRefused. */
export async function makeDocument(order: DocumentOrder): Promise<MadeDocument> {
  const { deps, account, task, extra } = order;
  const { loaded, context } = await find(order);
  const role = order.forRole ?? memberOf(context.mapping, account)?.role;
  if (role === undefined) throw new DocumentRefused(`Account ${account} has no role in the space.`);
  const reader = readerOf(context, loaded, account, role);
  const snapshot = loaded.replicas.find((one) => one.account === reader && one.state !== 'wanted')?.shadow;
  if (!snapshot)
    throw new DocumentRefused(
      `Role "${role}" has no copy of ${account}:${task}, so nothing may be told to it.`,
    );
  const template = await templateOf(order.template);
  const data = documentData({
    context,
    item: loaded.item,
    account: reader,
    snapshot,
    documents: documentsOf(loaded),
    now: order.now ?? deps.runtime.now(),
    zone: order.zone ?? 'Europe/Moscow',
    extra,
  });
  const taken = takenNames(extra);
  if (taken.length > 0)
    throw new DocumentRefused(`--set can not replace ${taken.join(', ')}: choose other names.`);
  const rendered = renderDocument(template.bytes, data);
  if (!rendered.ok)
    throw new DocumentRefused(`The template "${template.name}" has mistakes.`, rendered.problems);
  const { docx } = rendered;
  const fileName = `${template.name} № ${extra['номер'] ?? snapshot.task}.docx`.replace(
    /[\\/:*?"<>|]/gu,
    '-',
  );
  if (!order.attach) return { docx, fileName, role };
  const key = createHash('sha256').update(fileName).update('\0').update(docx).digest('hex');
  const file = { name: fileName, bytes: docx, key };
  return { docx, fileName, role, attached: await attach(deps, context, { account, task, reader, file }) };
}

/** The shared item of a task, in a space whose mapping is in force and knows the role. */
async function find({
  deps,
  account,
  task,
  forRole,
}: DocumentOrder): Promise<{ loaded: LoadedItem; context: Context }> {
  const found = await deps.store.loadByTask([{ account, task }]);
  if (found.length === 0) throw new DocumentRefused(`${account}:${task} is not shared. See: svyazka item`);
  for (const loaded of found) {
    const mapping = deps.mappings.get(loaded.item.space);
    if (!mapping || (forRole !== undefined && !mapping.members.some(({ role }) => role === forRole)))
      continue;
    return { loaded, context: contextOf(deps, mapping) };
  }
  const roles = found.flatMap(
    ({ item }) => deps.mappings.get(item.space)?.members.map(({ role }) => role) ?? [],
  );
  throw new DocumentRefused(
    roles.length === 0
      ? `The mapping of ${account}:${task} is not in force. See: svyazka apply`
      : `There is no role "${forRole ?? ''}" where ${account}:${task} is shared. Roles: ${[...new Set(roles)].join(', ')}`,
  );
}

function contextOf(deps: DocumentDeps, mapping: Mapping): Context {
  const views = new Map<AccountId, AccountView>();
  for (const { account } of mapping.members) {
    const connected = deps.accounts.get(account);
    if (!connected)
      throw new DocumentRefused(`Account ${account} is not reachable. See: svyazka account check ${account}`);
    views.set(account, connected.view);
  }
  return { mapping, views };
}

/** The account through whose eyes a role looks: the one asked about, else the one that has a copy of the task. */
function readerOf(context: Context, loaded: LoadedItem, account: AccountId, role: RoleName): AccountId {
  const ofRole = context.mapping.members.filter((one) => one.role === role).map((one) => one.account);
  if (ofRole.includes(account)) return account;
  const withCopy = ofRole.filter((one) => loaded.replicas.some((replica) => replica.account === one));
  const [reader = ofRole[0] ?? account, another] = withCopy;
  if (another !== undefined)
    throw new DocumentRefused(
      `Several accounts of role "${role}" have this task. Name the task of one of them: ${withCopy.join(', ')}.`,
    );
  return reader;
}

async function templateOf(
  template: DocumentOrder['template'],
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  if (typeof template !== 'string')
    return { name: template.name.replace(/\.docx$/iu, ''), bytes: template.bytes };
  const name = Object.hasOwn(builtIn, template) ? builtIn[template] : undefined;
  if (name === undefined)
    throw new DocumentRefused(
      `There is no template "${template}". Built in: ${Object.keys(builtIn).join(', ')}; own ones end in .docx.`,
    );
  return { name, bytes: await readFile(new URL(`templates/${template}.docx`, import.meta.url)) };
}
