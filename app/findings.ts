/** Findings kept with their account, each for as long as the account is the one that it was found of. */
import { z } from 'zod';
import { unknowns as ofBitrix24 } from '../connectors/bitrix24/unknowns.ts';
import { type Finding } from '../connectors/findings.ts';
import { unknowns as ofPlanfix } from '../connectors/planfix/unknowns.ts';
import { type Unknown } from '../connectors/unknowns.ts';
import { type AccountId } from '../errors/ids.ts';
import { type CrmKind } from '../mappings/types.ts';
import { type Store } from '../store/port.ts';

/** An account as far as a finding holds of it alone. */
export interface Subject {
  readonly account: AccountId;
  readonly url: string;
  readonly actor: string;
  readonly zone: string;
}

const Kept = z.object({ of: z.string(), value: z.string(), how: z.string(), at: z.number() });

const unknownsOf: Readonly<Record<CrmKind, readonly Unknown[]>> = {
  bitrix24: ofBitrix24,
  planfix: ofPlanfix,
};

/** Findings that a connector acts upon: another value is another connection. */
const acted = new Set(
  Object.values(unknownsOf).flatMap((rows) => rows.flatMap((row) => (row.acted === true ? [row.name] : []))),
);

/** The values that make a connection what it is. */
export const actedOn = (known: readonly Finding[]): readonly (readonly [string, string])[] =>
  known.flatMap(({ name, value }) => (acted.has(name) ? [[name, value] as const] : []));

const cursorOf = (name: string): string => `finding:${name}`;

/** Another host is another portal, another acting user has other rights; a zone is that of times alone. */
const subjectOf = (name: string, { url, actor, zone }: Subject): string =>
  name === 'zone' ? zone : `${new URL(url).host} as ${actor}`;

export const keepFinding = (
  store: Pick<Store, 'putCursor'>,
  subject: Subject,
  { name, value, how, at }: Finding,
): Promise<void> =>
  store.putCursor(
    subject.account,
    cursorOf(name),
    JSON.stringify({ of: subjectOf(name, subject), value, how, at }),
  );

/** What is known by these names of the account as it is configured now. */
export async function keptFindings(
  store: Pick<Store, 'cursor'>,
  subject: Subject,
  names: readonly string[],
): Promise<readonly Finding[]> {
  const kept = await Promise.all(names.map((name) => store.cursor(subject.account, cursorOf(name))));
  return names.flatMap((name, index) => {
    const read = Kept.safeParse(JSON.parse(kept[index] ?? 'null'));
    if (!read.success || read.data.of !== subjectOf(name, subject)) return [];
    const { value, how, at } = read.data;
    return [{ name, value, how, at }];
  });
}

/** All that a connection begins with. */
export const knownOf = (
  store: Pick<Store, 'cursor'>,
  account: Subject & { readonly kind: CrmKind },
): Promise<readonly Finding[]> =>
  keptFindings(
    store,
    account,
    unknownsOf[account.kind].map(({ name }) => name),
  );

/** Whoever keeps what a connection learns; hears of each finding, and whether its value is new. Never rejects. */
export type Keep = (subject: Subject, finding: Finding, isNews: boolean) => Promise<void>;

/** Keeps findings beside the work; `changed` is told when connections elsewhere should take one up. */
export const keepIn =
  (store: Pick<Store, 'putCursor'>, changed: () => void, failed: (error: unknown) => void): Keep =>
  (subject, finding, isNews) =>
    keepFinding(store, subject, finding)
      .then(() => {
        if (isNews && acted.has(finding.name)) changed();
      })
      .catch(failed);
