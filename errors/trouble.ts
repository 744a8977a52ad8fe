/**
 * What went wrong, whose it is, whether time heals it, and what a person should do. `detail` is for the account's own
 * integrator and may name what other roles must not see; `public` may be shown to anybody in the space.
 */
export type Whose = 'user' | 'mapping' | 'remote' | 'ours';

/** `later`: waiting may heal it. `on-change`: only when the task, the mapping or a right changes. `never`: a person must act. */
export type Retry = 'later' | 'on-change' | 'never';

export interface Trouble {
  /** Code of the catalogue, `E-REMOTE-REFUSED`. */
  readonly code: TroubleCode;
  /** What it concerns: a field name, `comment`, `file`, `task`; one failing thing never holds up another. */
  readonly about: string;
  readonly wanted?: string;
  readonly tried?: string;
  readonly answered?: string;
  readonly todo: string;
}

export interface CatalogueEntry {
  readonly whose: Whose;
  readonly retry: Retry;
  readonly public: string;
}

export const catalogue = {
  'E-REMOTE-REFUSED': { whose: 'remote', retry: 'on-change', public: 'The CRM refused the change.' },
  'E-REMOTE-RIGHT': { whose: 'user', retry: 'on-change', public: 'The acting user lacks a right.' },
  'E-REMOTE-AUTH': { whose: 'user', retry: 'later', public: 'The account does not accept its credentials.' },
  'E-REMOTE-PLAN': { whose: 'user', retry: 'later', public: "The account's plan does not allow the API." },
  'E-REMOTE-LIMIT': {
    whose: 'remote',
    retry: 'later',
    public: 'The request limit of the account is reached.',
  },
  'E-REMOTE-DOWN': { whose: 'remote', retry: 'later', public: 'The CRM does not answer.' },
  'E-REMOTE-ANSWER': { whose: 'remote', retry: 'later', public: 'The CRM answered in an unknown form.' },
  'E-REMOTE-UNKNOWN': {
    whose: 'remote',
    retry: 'later',
    public: 'It is not known yet whether the CRM took the change.',
  },
  'E-TASK-GONE': { whose: 'user', retry: 'on-change', public: 'The task was deleted.' },
  'E-TASK-UNREADABLE': {
    whose: 'user',
    retry: 'later',
    public: 'The task can not be read: it is missing or access was taken.',
  },
  'E-MANY-AT-ONCE': {
    whose: 'user',
    retry: 'on-change',
    public: 'Many tasks were closed or lost something at once; a person is asked first.',
  },
  'E-STATUS-UNMAPPED': {
    whose: 'mapping',
    retry: 'on-change',
    public: 'A status has no row in the mapping.',
  },
  'E-STATUS-HELD': { whose: 'mapping', retry: 'on-change', public: 'The mapping holds this status.' },
  'E-STATUS-UNREACHABLE': {
    whose: 'user',
    retry: 'on-change',
    public: 'No way leads to this status in this task.',
  },
  'E-STATUS-WAITS': {
    whose: 'user',
    retry: 'later',
    public: 'The account wants something of the task before this status.',
  },
  'E-TRANSITION': {
    whose: 'user',
    retry: 'on-change',
    public: 'This move of the status is not allowed here.',
  },
  'E-PERSON-UNMAPPED': { whose: 'mapping', retry: 'on-change', public: 'A person has no counterpart.' },
  'E-FIELD-NOT-STORED': {
    whose: 'remote',
    retry: 'on-change',
    public: 'The CRM said yes and did not store the value.',
  },
  'E-FIELD-INVALID': { whose: 'remote', retry: 'later', public: 'A field came in an unknown form.' },
  'E-CONFLICT-WAITS': {
    whose: 'user',
    retry: 'on-change',
    public: 'Two sides changed one field; a person decides.',
  },
  'E-COMMENT-EDIT': {
    whose: 'remote',
    retry: 'on-change',
    public: 'A mirrored comment could not be changed.',
  },
  'E-COMMENT-FORBIDDEN': {
    whose: 'user',
    retry: 'on-change',
    public: 'Comments are forbidden in this status.',
  },
  'E-FILE-TOO-LARGE': { whose: 'user', retry: 'never', public: 'A file is too large for the other account.' },
  'E-FILE-UNREADABLE': { whose: 'user', retry: 'later', public: 'A file can not be read.' },
  'E-TEXT-TOO-LONG': {
    whose: 'user',
    retry: 'on-change',
    public: 'A text is too long for the other account.',
  },
  'E-OURS': { whose: 'ours', retry: 'later', public: 'The bridge failed; this is our fault.' },
} as const satisfies Record<string, CatalogueEntry>;

export type TroubleCode = keyof typeof catalogue;
