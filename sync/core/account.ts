/** What the core may know of an account: data and pure functions, made by its connector. */
import { type AccountId, type LocalPersonId, type LocalStatusId } from '../../errors/ids.ts';
import { type CrmKind } from '../../mappings/types.ts';
import { type Surface } from './body.ts';
import { type DateValue } from './item.ts';
import { type StatusMove } from './operation.ts';
import { type CommentWorld, type Snapshot } from './replica.ts';

export interface LocalPerson {
  readonly id: LocalPersonId;
  readonly name: string;
  /** Lower case; null = none or hidden. */
  readonly email: string | null;
  readonly kind: 'employee' | 'robot' | 'guest' | 'contact' | 'group';
  readonly active: boolean;
}

/** How an account changes values when it stores them, as its documentation says; used to foresee, never to trust. */
export interface ServerStore {
  title(title: string): string;
  description(markup: string): string;
  comment(world: CommentWorld, markup: string): string;
  /** Whether a comment that was sent so is read so because the server cut it, wherever. Absent = never without an error. */
  readonly cut?: (world: CommentWorld, sent: string, read: string) => boolean;
  date(date: DateValue): DateValue;
}

export interface Abilities {
  /** `in-request`: an update re-reads before and after in the same request. `none`: only a fresh reading protects. */
  readonly guard: 'in-request' | 'none';
  /** Whether a comment can carry its author and time there. */
  readonly authored: Readonly<Record<CommentWorld, boolean>>;
  /** It was found to refuse authors all the same. Absent = not as far as is known. */
  readonly refusesAuthors?: boolean;
  /** Whether a comment's mark can be read back. */
  readonly markedComments: boolean;
  /** The acting user must take part in a task to read it or its chat. */
  readonly mustTakePart: boolean;
  /** Exactly one assignee (Bitrix24's responsible). */
  readonly singleAssignee: boolean;
  /** The status in which a task waits for its creator's acceptance, reached only with `control` on (Bitrix24 "4"). */
  readonly acceptance: LocalStatusId | null;
  /** Each assignee may have a status for himself; the task has it when all of them do. */
  readonly statusPerAssignee: boolean;
  /** Files of a task can be taken off one by one. */
  readonly detachesFiles: boolean;
  /** A new task takes its files along; elsewhere each is attached by itself, so that a lost answer is looked up by itself. */
  readonly bornWithFiles: boolean;
  readonly fileBytesMax: number;
}

export interface AccountView {
  readonly account: AccountId;
  readonly kind: CrmKind;
  /** Name of the organisation for people: printed in author lines where no person may be named. */
  readonly organisation: string;
  /** Acting user. */
  readonly actor: LocalPersonId;
  /** Others whose credentials the account has. */
  readonly actors: readonly LocalPersonId[];
  readonly abilities: Abilities;
  readonly store: ServerStore;
  descriptionSurface(): Surface;
  commentSurface(world: CommentWorld): Surface;
  /** The comments, in order, as which a text of that surface is written: more than one where it is too long. */
  commentParts(world: CommentWorld, markup: string): readonly string[];
  /** Surface by name, also of older readings. */
  surface(name: string): Surface;
  /** Status with which every new task begins there; null = it can be born with any. */
  readonly bornAs: LocalStatusId | null;
  /**
   * The way from the task's status to another one, as the acting user and by others' credentials where it may not, or
   * why there is none. Pure: rests on what `circumstances` tells.
   */
  statusMove(snapshot: Snapshot, to: LocalStatusId): StatusMove | { readonly unreachable: string };
  /** People of the account that are known at present. */
  person(id: LocalPersonId): LocalPerson | undefined;
  personByEmail(email: string): LocalPerson | undefined;
}
