/** What every step of the core needs beside the item: the mapping, and a view of each account in it. */
import { type AccountId, type RoleName } from '../../errors/ids.ts';
import {
  type Facade,
  type FieldName,
  type FieldRule,
  type Mapping,
  type Member,
} from '../../mappings/types.ts';
import { type AccountView } from './account.ts';

export interface Context {
  readonly mapping: Mapping;
  readonly views: ReadonlyMap<AccountId, AccountView>;
}

/** The member of an account. Throws when the account is no member: callers ask for members only. */
export function member(context: Context, account: AccountId): Member {
  const found = context.mapping.members.find((one) => one.account === account);
  if (!found) throw new Error(`account ${account} is no member of space ${context.mapping.space}`);
  return found;
}

export function view(context: Context, account: AccountId): AccountView {
  const found = context.views.get(account);
  if (!found) throw new Error(`account ${account} has no view`);
  return found;
}

/** The context in which an account that refused to name authors of comments names none. */
export function withoutAuthors(context: Context, account: AccountId): Context {
  const here = view(context, account);
  const abilities = {
    ...here.abilities,
    authored: { planfix: false, 'old-card': false, chat: false },
  };
  return { ...context, views: new Map(context.views).set(account, { ...here, abilities }) };
}

/** Whether `viewer` may see the people and messages of `other`: its own always, the hub everything, else what the mapping grants. */
export function sees(context: Context, viewer: AccountId, other: AccountId): boolean {
  if (viewer === other || viewer === context.mapping.hub) return true;
  const others = context.mapping.members.find((one) => one.account === other);
  if (!others) return false;
  return roleSees(context.mapping, member(context, viewer).role, others.role);
}

export const roleSees = (mapping: Mapping, viewer: RoleName, other: RoleName): boolean =>
  viewer === other || (mapping.sees[viewer] ?? []).includes(other);

/** The organisation as which `other` is shown to `viewer`, when a facade says so. */
export function facadeOf(context: Context, viewer: AccountId, other: AccountId): Facade | undefined {
  const viewerRole = member(context, viewer).role;
  const otherRole = context.mapping.members.find((one) => one.account === other)?.role;
  return context.mapping.facades.find((facade) => facade.to === viewerRole && facade.of === otherRole);
}

/** The rule of a field for an account; undefined = not shared with it. */
export function fieldRule(context: Context, account: AccountId, field: FieldName): FieldRule | undefined {
  const rule = context.mapping.fields[field];
  if (!rule || rule.hide.includes(member(context, account).role)) return undefined;
  return rule;
}
