/** A history at random: a mapping, how its servers treat values, and what people do one after another. */
import fc from 'fast-check';
import { aMapping, type GeneratedMapping } from '../../mappings/generators.ts';
import { type FieldName } from '../../mappings/types.ts';

/** What a server does with values: foreseen by the view, except `swallows`. */
export interface ServerWays {
  readonly titleMax: number;
  readonly reprints: boolean;
  /** Fields that it accepts and never stores. */
  readonly swallows: readonly FieldName[];
  /** Fields for which it refuses a whole update, without saying which. */
  readonly refuses: readonly FieldName[];
  /** Takes no files: a task or comment goes without them. */
  readonly refusesFiles: boolean;
}

export interface Edit {
  /** Index of the account; taken modulo their number. */
  readonly who: number;
  readonly what:
    | 'title'
    | 'description'
    | 'status'
    | 'assignee'
    | 'participants'
    | 'auditors'
    | 'start'
    | 'deadline'
    | 'comment'
    | 'edit comment'
    | 'delete comment'
    | 'file'
    | 'remove file'
    | 'nothing';
  readonly draw: number;
  /** `none`: the next edit comes at once; `visit`: one account is visited; `rest`: everything comes to rest first. */
  readonly then: 'none' | 'visit' | 'rest';
}

export interface Case {
  readonly generated: GeneratedMapping;
  readonly ways: readonly ServerWays[];
  readonly origin: number;
  /** The task begins outside of the scope of its account: in no group and in no project. */
  readonly outside: boolean;
  readonly edits: readonly Edit[];
}

const writable: readonly FieldName[] = ['title', 'description', 'start', 'deadline', 'auditors'];

const aServer = (troubled: boolean): fc.Arbitrary<ServerWays> =>
  fc.record({
    titleMax: fc.constantFrom(255, 255, 8),
    reprints: fc.boolean(),
    swallows: troubled
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constant<FieldName[]>([]) },
          { weight: 1, arbitrary: fc.constantFrom<FieldName[]>(['deadline'], ['start'], ['auditors']) },
        )
      : fc.constant<FieldName[]>([]),
    refuses: troubled
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constant<FieldName[]>([]) },
          { weight: 1, arbitrary: fc.constantFrom(...writable).map((field) => [field]) },
        )
      : fc.constant<FieldName[]>([]),
    refusesFiles: troubled ? fc.nat({ max: 4 }).map((draw) => draw === 0) : fc.constant(false),
  });

export const anEdit: fc.Arbitrary<Edit> = fc.record({
  who: fc.nat({ max: 3 }),
  what: fc.constantFrom<Edit['what']>(
    'title',
    'title',
    'description',
    'status',
    'status',
    'status',
    'assignee',
    'participants',
    'participants',
    'auditors',
    'auditors',
    'start',
    'deadline',
    'comment',
    'comment',
    'edit comment',
    'delete comment',
    'file',
    'file',
    'remove file',
  ),
  draw: fc.nat({ max: 9_999 }),
  then: fc.constantFrom<Edit['then']>('none', 'none', 'visit', 'rest'),
});

export interface CaseOptions {
  /** Servers that swallow and refuse values. */
  readonly troubled: boolean;
  /** At most. */
  readonly edits: number;
  /** Fewest edits; 0 unless said. */
  readonly fewest?: number;
  /** A kanban wherever there can be one. */
  readonly kanban?: boolean;
}

export const aCase = ({ troubled, edits, fewest = 0, kanban = false }: CaseOptions): fc.Arbitrary<Case> =>
  fc.record({
    generated: aMapping({ minAccounts: 2, maxAccounts: 4, kanban }),
    ways: fc.array(aServer(troubled), { minLength: 4, maxLength: 4 }),
    origin: fc.nat({ max: 3 }),
    outside: fc.constantFrom(true, false, false, false),
    edits: fc.array(anEdit, { minLength: fewest, maxLength: edits }),
  });
