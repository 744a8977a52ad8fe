/**
 * What turned out to be so in one account where no document tells, or where its plan and version decide. Plain data that
 * whoever connects the account keeps; what is not known counts as not so. Which names there are, each connector lists
 * (`<kind>/unknowns.ts`).
 */
import { type Instant } from '../errors/ids.ts';

export interface Finding {
  readonly name: string;
  readonly value: string;
  /** The probe or the answer that proved it, for people. */
  readonly how: string;
  readonly at: Instant;
}

/** What is known of an account while it is connected. */
export interface Findings {
  value(name: string): string | null;
  /** With its proof. */
  of(name: string): Finding | null;
  /** Takes it up at once, and has it kept. Never throws. */
  learn(finding: Finding): void;
  /** The same for what every answer shows: what is known already is kept anew once a day. */
  notice(finding: Finding): void;
}

const keptAnewMs = 86_400_000;

/** Kept nowhere beyond this connection; `told` hears what is learnt, and whether it is new or another than before. */
export function findingsOf(
  known: readonly Finding[] = [],
  told: (finding: Finding, isNews: boolean) => void = () => undefined,
): Findings {
  const findings = new Map(known.map((finding) => [finding.name, finding]));
  const learn = (finding: Finding): void => {
    const isNews = findings.get(finding.name)?.value !== finding.value;
    findings.set(finding.name, finding);
    told(finding, isNews);
  };
  return {
    value: (name) => findings.get(name)?.value ?? null,
    of: (name) => findings.get(name) ?? null,
    learn,
    notice(finding) {
      const known = findings.get(finding.name);
      if (known?.value !== finding.value || finding.at - known.at >= keptAnewMs) learn(finding);
    },
  };
}

/** Findings that are given, not found: for rehearsals and tests. */
export const given = (values: Readonly<Record<string, string>>, at: Instant = 0): readonly Finding[] =>
  Object.entries(values).map(([name, value]) => ({ name, value, how: 'given', at }));
