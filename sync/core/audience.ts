/** Who may read a message. Pure. */
import { type AccountId } from '../../errors/ids.ts';
import { type Context, facadeOf, sees } from './context.ts';
import { type Message } from './item.ts';

/** Whether a message is shown in an account: never hidden ones, never to roles that do not see its organisation. */
export function reaches(context: Context, message: Message, account: AccountId): boolean {
  const from = message.origin.account;
  if (message.hidden || from === account) return false;
  if (message.onlyTo !== undefined && message.onlyTo !== account) return false;
  if (!mayRead(context, account, message.provenance.organisation)) return false;
  const share = context.mapping.comments.share[from] ?? 'none';
  if (share === 'all') return true;
  return (
    share === 'addressed' &&
    message.addressed.some((home) => home === account || standsFor(context, from, account, home))
  );
}

function mayRead(context: Context, reader: AccountId, organisation: AccountId): boolean {
  if (sees(context, reader, organisation)) return true;
  const role = (account: AccountId): string | undefined =>
    context.mapping.members.find((one) => one.account === account)?.role;
  return (
    context.mapping.comments.passOn.some(
      (rule) => rule.of === role(organisation) && rule.to === role(reader),
    ) && facadeOf(context, reader, organisation) !== undefined
  );
}

/** Behind a facade its organisation is addressed for those that it hides. */
function standsFor(context: Context, from: AccountId, reader: AccountId, addressed: AccountId): boolean {
  return facadeOf(context, from, reader)?.as === addressed && sees(context, reader, from);
}

/**
 * Whether the words of a message must not stand in an account, whoever repeats them there: it is hidden, or nobody of that
 * account may read its author's organisation. One that merely was not addressed there may be told by whoever likes.
 */
export function isSecretFrom(context: Context, message: Message, account: AccountId): boolean {
  const from = message.origin.account;
  if (from === account) return false;
  return (
    message.hidden ||
    (message.onlyTo !== undefined && message.onlyTo !== account) ||
    (context.mapping.comments.share[from] ?? 'none') === 'none' ||
    !mayRead(context, account, message.provenance.organisation)
  );
}
