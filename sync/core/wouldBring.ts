/** Whether a look at some comments of a task shows anything that its item does not know yet. Pure. */
import { type Instant } from '../../errors/ids.ts';
import { type Context } from './context.ts';
import { type Item } from './item.ts';
import { liftComments } from './messages.ts';
import { type Write } from './operation.ts';
import { type Marks } from './plan.ts';
import { knownMarks } from './reconcile.ts';
import { type CommentsReading, type Replica } from './replica.ts';

export function wouldBring(
  context: Context,
  item: Item,
  replica: Replica,
  reading: CommentsReading,
  marks: Marks,
  now: Instant,
  open: readonly Write[],
): 'nothing' | 'new words' | 'changes' {
  const { account, shadow } = replica;
  const isMember = context.mapping.members.some((member) => member.account === account);
  if (!isMember || shadow === null || replica.state !== 'live' || item.state !== 'shared') return 'nothing';
  const known = knownMarks(context, item, account, marks);
  const lifted = liftComments(context, item, replica, shadow.world, reading, known, now, open);
  if (lifted.edited.length + lifted.deleted.length > 0) return 'changes';
  if (lifted.added.length > 0) return 'new words';
  const told = ({ comments, twins }: Replica): string => JSON.stringify([comments, twins]);
  return told(lifted.replica) === told(replica) ? 'nothing' : 'changes';
}
