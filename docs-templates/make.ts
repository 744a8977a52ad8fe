/** A document made for one role from a shared task, and put into the task. */
import { type Connector } from '../connectors/port.ts';
import { type AccountId, type LocalTaskId, type RoleName, type SpaceId } from '../errors/ids.ts';
import { type Mapping } from '../mappings/types.ts';
import { type Runtime } from '../runtime/runtime.ts';
import { type Store } from '../store/port.ts';
import { type AccountView } from '../sync/core/account.ts';
import { type RenderProblem } from './render.ts';

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

/** The document can not be made or attached; the message says why and what to do, `problems` what is wrong in the template. */
export class DocumentRefused extends Error {
  readonly problems: readonly RenderProblem[];
  constructor(message: string, problems: readonly RenderProblem[] = []) {
    super(message);
    this.name = 'DocumentRefused';
    this.problems = problems;
  }
}

/** Makes a document from what its role sees of the task, and attaches it where `attach` says. Throws DocumentRefused. */
export function makeDocument(order: DocumentOrder): Promise<MadeDocument> {
  return Promise.reject(new DocumentRefused(`${order.account}:${order.task} can not be made yet.`));
}
