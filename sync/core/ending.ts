/** Writes that close a task for people elsewhere, or take something from them. */
import { type Mapping } from '../../mappings/types.ts';
import { type PlannedOperation } from './operation.ts';
import { type Item } from './item.ts';
import { partingKey } from './parting.ts';
import { type Replica } from './replica.ts';
import { lensOf, lifecycleOf } from './statusLens.ts';

export type Ending = 'closes' | 'deletes' | 'parts';

/**
 * What a planned write ends, if anything. The bridge's own second copies are nobody's loss, and a message that stands at
 * its origin but is not to be seen here any more is taken back at once.
 */
export function endingOf(
  mapping: Mapping,
  item: Item,
  replica: Replica,
  { key, write }: PlannedOperation,
): Ending | null {
  switch (write.kind) {
    case 'task.update':
      return closes(mapping, replica, write) ? 'closes' : null;
    case 'file.detach':
      return 'deletes';
    case 'comment.delete':
      return item.messages.some(({ id, state }) => state === 'deleted' && key === `comment.delete/${id}`)
        ? 'deletes'
        : null;
    case 'comment.update':
      return (write.files?.drop ?? []).length > 0 ? 'deletes' : null;
    case 'comment.create':
      return write.message.startsWith(partingKey(replica.item)) ? 'parts' : null;
    case 'task.create':
    case 'task.join':
    case 'file.attach':
      return null;
  }
}

function closes(
  mapping: Mapping,
  { account }: Replica,
  { status, base }: Extract<PlannedOperation['write'], { kind: 'task.update' }>,
): boolean {
  const lens = lensOf(mapping, account, base);
  if (status === null || lens === null) return false;
  const isFinal = (local: typeof status.to): boolean => {
    const meaning = lifecycleOf(lens, mapping.lifecycle, { status: local });
    return (
      meaning.is === 'status' &&
      mapping.lifecycle.some((step) => step.final && step.status === meaning.status)
    );
  };
  return isFinal(status.to) && !isFinal(status.from);
}
