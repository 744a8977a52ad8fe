/** `svyazka apply | link | unlink` */
import { as, type LocalTaskId, type AccountId, type LocalPersonId, type SpaceId } from '../../errors/ids.ts';
import { checkAgainstAccounts, type KnownAccount } from '../../mappings/check.ts';
import { checkTogether } from '../../mappings/check-together.ts';
import { describeChange } from '../../mappings/diff.ts';
import { formatProblems, loadMapping } from '../../mappings/load.ts';
import { type Mapping, memberOf } from '../../mappings/types.ts';
import { link, LinkRefused, unlink } from '../../sync/engine/link.ts';
import { failed, type Io, refused, taskRef } from './io.ts';
import { accountOf, accountsOf, connectIn, engineOf, kindsOf, mappingsOf, type Session } from './session.ts';

/** Checks a mapping and puts it in force for every later reconcile; nothing is written by itself. */
export async function apply(session: Session, io: Io, fileName: string, source: string): Promise<void> {
  const accounts = await accountsOf(session);
  const inForce = await mappingsOf(session, accounts);
  const first = loadMapping(source, { fileName, accounts: kindsOf(accounts), version: 1 });
  if (!first.ok)
    throw refused(`${formatProblems(first.problems)}\nThe mapping was refused whole; nothing changed.`);
  const before = inForce.get(first.mapping.space) ?? null;
  const version = (before?.version ?? 0) + 1;
  const mapping = { ...first.mapping, version };
  const known: Record<AccountId, KnownAccount> = {};
  for (const account of accounts.filter((one) =>
    mapping.members.some((member) => member.account === one.account),
  )) {
    const { connector } = connectIn(session, account);
    const actors = [as<LocalPersonId>(account.actor)];
    const read = async <Value>(what: string, reading: () => Promise<Value>): Promise<Value | null> => {
      try {
        return await reading();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        io.warn(`${what} of ${account.account} could not be read, so they were not checked: ${why}`);
        return null;
      }
    };
    const statuses = await read('Statuses', () => connector.statuses());
    const group = groupOfColumns(mapping, account.account);
    const columns = group === null ? undefined : connector.stages;
    const stages =
      columns === undefined || group === null ? null : await read('Columns', () => columns(group));
    known[account.account] = { actors, statuses, stages };
  }
  const others = [...inForce.values()].filter((one) => one.space !== mapping.space);
  const found = [
    ...checkAgainstAccounts(mapping, known),
    ...checkTogether([...others, mapping]).filter((finding) => finding.space === mapping.space),
  ].map((finding) => ({ severity: finding.severity, ...first.place(finding) }));
  const problems = found.filter((one) => one.severity === 'problem');
  for (const warning of [...first.warnings, ...found.filter((one) => one.severity === 'warning')])
    io.warn(formatProblems([warning]));
  if (problems.length > 0)
    throw refused(`${formatProblems(problems)}\nThe mapping was refused whole; nothing changed.`);
  const changes = describeChange(before, mapping);
  if (before && changes.length === 0) {
    io.result(
      { space: mapping.space, version: before.version, changed: false },
      `${mapping.space} is in force as it is (version ${String(before.version)}).`,
    );
    return;
  }
  const kept = await session.opened.store.putMapping({
    space: mapping.space,
    version,
    source,
    appliedAt: Date.now(),
  });
  if (!kept) throw failed('Somebody applied another version at the same moment. Run apply again.');
  await session.opened.configured();
  io.result(
    { space: mapping.space, version, changed: true, changes },
    [
      `${mapping.space}: version ${String(version)} is in force.`,
      ...changes.map((line) => `  ${line}`),
      'Nothing is written by this: each task follows at its next change.',
    ].join('\n'),
  );
}

/** The group whose columns a mapping gives a meaning to; null = none. */
function groupOfColumns(mapping: Mapping, account: AccountId): string | null {
  const scope = memberOf(mapping, account)?.scope;
  const named = mapping.statuses[account]?.everywhere?.stages !== undefined;
  return named && scope?.kind === 'group' ? scope.group : null;
}

const refOf = (text: string): { account: AccountId; task: LocalTaskId } => {
  const { account, task } = taskRef(text);
  return { account: as<AccountId>(account), task: as<LocalTaskId>(task) };
};

export async function linkTasks(
  session: Session,
  io: Io,
  space: string,
  one: string,
  two: string,
): Promise<void> {
  const [origin, other] = [refOf(one), refOf(two)];
  const deps = await engineOf(session, null);
  try {
    const { item } = await link(deps, as<SpaceId>(space), origin, other);
    io.result(
      { item: item.id },
      `${one} and ${two} are one item now: ${item.id}. Where they differ, ${one} wins at the next reconcile.`,
    );
  } catch (error) {
    if (error instanceof LinkRefused) throw refused(error.message);
    throw error;
  }
}

export async function unlinkTask(session: Session, io: Io, text: string): Promise<void> {
  const ref = refOf(text);
  await accountOf(session, ref.account);
  const deps = await engineOf(session, []);
  const loaded = await deps.store.loadByTask([ref]);
  if (loaded.length === 0) throw failed(`${text} is not shared.`);
  for (const one of loaded) {
    if (!(await unlink(deps, one))) throw failed(`${one.item.id} changed at the same moment. Run it again.`);
    io.result(
      { item: one.item.id, parted: true },
      `${one.item.id}: nothing crosses any more; every copy stays where it is.`,
    );
  }
}
