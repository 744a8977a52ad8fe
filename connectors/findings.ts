/**
 * What turned out to be so in one account where no document tells, or where its plan and version decide. Plain data that
 * whoever connects the account keeps; what is not known counts as not so.
 */
import { type Instant } from '../errors/ids.ts';

/** Names and what their values mean; what each is proved by stands in docs/decisions/0015. */
export const findingNames = [
  /** Bitrix24: `v3` = tasks are created by REST 3.0 under an Idempotency-Key; `v2` = there is
   *  none; `unfit` = there is one, and it does not do as documented. */
  'creations',
  /** Bitrix24: `guarded` = a call whose `$result[...]` has no value reaches no task, and lists filter by CHANGED_DATE. */
  'compare-and-set',
  /** Bitrix24: `unique` = im.message.add answers a known TEMPLATE_ID with the message that has it; `plain` = not. */
  'template-id',
  /** Bitrix24: `chat` or `comments`: the card of the newest task. */
  'card',
  /** Bitrix24: the plan of the portal, as it names it to an application. */
  'plan',
  /** Planfix: `ok`, `warning`, `failed` or `unknown`: whether the configured zone is that of the token's user. */
  'zone',
] as const;
export type FindingName = (typeof findingNames)[number];

export interface Finding {
  readonly name: FindingName;
  readonly value: string;
  /** The probe or the answer that proved it, for people. */
  readonly how: string;
  readonly at: Instant;
}

/** What is known of an account while it is connected. */
export interface Findings {
  value(name: FindingName): string | null;
  /** Takes it up at once, and has it kept. Never throws. */
  learn(finding: Finding): void;
  /** What this connection has learnt, the last of each name. */
  learnt(): readonly Finding[];
}

/** Kept nowhere beyond this connection; `told` hears what is new or another than before. */
export function findingsOf(
  known: Readonly<Partial<Record<FindingName, string>>> = {},
  told: (finding: Finding, isNews: boolean) => void = () => undefined,
): Findings {
  const values = new Map(Object.entries(known) as [FindingName, string][]);
  const learnt = new Map<FindingName, Finding>();
  return {
    learnt: () => [...learnt.values()],
    value: (name) => values.get(name) ?? null,
    learn(finding) {
      const isNews = values.get(finding.name) !== finding.value;
      values.set(finding.name, finding.value);
      learnt.set(finding.name, finding);
      told(finding, isNews);
    },
  };
}
