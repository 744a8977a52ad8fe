/** Rows that the engine writes: operations from plans, journal entries from facts and outcomes. */
import { type AccountId, as, type Instant, type ItemId, type OperationId } from '../../errors/ids.ts';
import { type Context } from '../core/context.ts';
import { plainText } from '../core/bodyLens.ts';
import { type Item, type MarkedText, type Party } from '../core/item.ts';
import { type Outcome, type PlannedOperation } from '../core/operation.ts';
import { type Fact } from '../core/reconcile.ts';
import { type DueTask, type JournalEntry, type OperationRow } from '../../store/port.ts';

export function operationRow(
  id: string,
  item: ItemId,
  account: AccountId,
  task: DueTask,
  planned: PlannedOperation,
  mappingVersion: number,
  correlation: string,
  now: Instant,
): OperationRow {
  const { write } = planned;
  return {
    id: as<OperationId>(id),
    item,
    account,
    task,
    mark: 'mark' in write ? write.mark : null,
    planned,
    state: 'intended',
    attempts: 0,
    notBefore: null,
    outcome: null,
    mappingVersion,
    correlation,
    createdAt: now,
    updatedAt: now,
  };
}

/** The operation's row once its outcome is known, or known to be unknown. */
export function withOutcome(row: OperationRow, outcome: Outcome, now: Instant): OperationRow {
  const state = outcome.is;
  return {
    ...row,
    state,
    outcome: slim(outcome),
    notBefore: outcome.is === 'unknown' ? outcome.notBefore : null,
    updatedAt: now,
  };
}

/** Snapshots are in the replica; the operation keeps what it made and what went wrong. */
function slim(outcome: Outcome): Outcome {
  if (outcome.is !== 'done') return outcome;
  const { at, made, failures } = outcome;
  return { is: 'done', at, made, failures };
}

const partyText = (party: Party | null): string =>
  party === null ? 'nobody' : party.kind === 'person' ? `${party.home}/${party.person}` : party.home;

function readable(context: Context, text: MarkedText): string {
  const surface = context.views.get(text.account)?.surface(text.surface);
  return surface ? plainText(surface.parse(text.markup).blocks.map(({ block }) => block)) : text.markup;
}

/** What a reconcile learned, as evidence. */
export function factEntry(
  context: Context,
  item: Item,
  account: AccountId,
  fact: Fact,
  at: Instant,
): JournalEntry {
  const base = { at, kind: fact.kind, item: item.id, account };
  switch (fact.kind) {
    case 'field': {
      const state = item.fields[fact.field];
      const value = state?.value;
      const shown =
        fact.field === 'description' && item.fields.description
          ? readable(context, item.fields.description.value)
          : (value ?? null);
      return {
        ...base,
        actor: account,
        body: JSON.stringify({ field: fact.field, value: shown, at: state?.at }),
      };
    }
    case 'conflict':
      return { ...base, actor: account, body: JSON.stringify(fact.conflict) };
    case 'message.added':
    case 'message.edited':
    case 'message.deleted': {
      const { message } = fact;
      return {
        ...base,
        actor: partyText(message.author),
        body: JSON.stringify({
          message: message.id,
          author: message.authorName,
          at: message.at,
          text: readable(context, message.text),
          files: message.files.map(({ name, size }) => ({ name, size })),
          version: message.version,
        }),
      };
    }
    case 'file.added':
    case 'file.removed':
      return {
        ...base,
        actor: partyText(fact.file.by),
        body: JSON.stringify({ file: fact.file.file, name: fact.file.name, size: fact.file.size }),
      };
    case 'item.shared':
    case 'item.parted':
    case 'item.resumed':
    case 'replica.gone':
    case 'replica.back':
      return { ...base, actor: account, body: '{}' };
  }
}

/** What was written to an account. */
export function writeEntry(item: Item, row: OperationRow, at: Instant): JournalEntry {
  const { write } = row.planned;
  const { text, fields, set } = {
    text: 'text' in write ? write.text : undefined,
    fields: 'fields' in write ? write.fields : undefined,
    set: 'set' in write ? write.set : undefined,
  };
  const status = 'status' in write ? write.status : undefined;
  return {
    at,
    kind: `write.${write.kind}`,
    item: item.id,
    account: row.account,
    actor: row.planned.from,
    operation: row.id,
    body: JSON.stringify({
      key: row.planned.key,
      made: row.outcome?.is === 'done' ? row.outcome.made : undefined,
      text,
      fields,
      set,
      status,
    }),
  };
}
