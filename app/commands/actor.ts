/** `svyazka account actor add | remove`: others of an account whose credentials steps of a status may go out with. */
import { type Account, openAccount, sealAccount } from '../accounts.ts';
import { addressOf, joined, userOf } from './account.ts';
import { failed, type Io, refused, wrongUse } from './io.ts';
import { accountOf, type Session } from './session.ts';

export interface ActorOptions {
  readonly url?: string;
  readonly tokenStdin?: boolean;
  readonly as?: string;
  readonly administrator?: boolean;
}

type Actor = NonNullable<Account['actors']>[number];

/** The actors of an account whose own credential is given anew; those of another server are nobody there. */
export function actorsOf(earlier: Account | undefined, url: string): Pick<Account, 'actors'> {
  const { origin } = new URL(url);
  const actors = (earlier?.actors ?? []).filter((actor) => new URL(actor.url).origin === origin);
  return actors.length === 0 ? {} : { actors };
}

/** `secret`: what came on stdin; Planfix: the token; Bitrix24: the webhook's URL, or what follows `--url`. */
export async function actorAdd(
  session: Session,
  io: Io,
  name: string,
  options: ActorOptions,
  secret: string | null,
): Promise<void> {
  const account = await accountOf(session, name);
  const administrator = options.administrator === true;
  const added =
    account.kind === 'planfix'
      ? planfixActor(account, options, secret, administrator)
      : await bitrixActor(account, options, secret, administrator);
  if (added.person === account.actor)
    throw wrongUse(
      `${added.person} is the acting user of ${name}: its credential is changed by account add.`,
    );
  const others = (account.actors ?? []).filter(({ person }) => person !== added.person);
  await keep(session, account, [...others, added]);
  io.result(
    {
      account: name,
      actor: added.person,
      administrator,
      added: others.length === (account.actors ?? []).length,
    },
    [
      `${name} may move statuses as ${added.person} too, where ${account.actor} may not.`,
      `Next: svyazka account check ${name}. Statuses that are held there are tried again by themselves.`,
    ].join('\n'),
  );
}

export async function actorRemove(session: Session, io: Io, name: string, person: string): Promise<void> {
  const account = await accountOf(session, name);
  const { actors = [] } = account;
  if (!actors.some((actor) => actor.person === person))
    throw failed(
      `${name} has no credential of ${person}. It has: ${actors.map((actor) => actor.person).join(', ') || 'none but its acting user’s'}`,
    );
  await keep(
    session,
    account,
    actors.filter((actor) => actor.person !== person),
  );
  io.result(
    { account: name, actor: person, removed: true },
    `Forgot the credential of ${person} in ${name}.`,
  );
}

/** What an installation told of an application is no setting of its account: the settings are kept as they were given. */
async function keep(
  { opened, secrets }: Session,
  { account }: Account,
  actors: readonly Actor[],
): Promise<void> {
  const row = (await opened.store.accounts()).find((one) => one.account === account);
  if (row === undefined) throw failed(`There is no account "${account}" any more. See: svyazka account list`);
  const given = openAccount(secrets, row);
  await opened.store.putAccount(sealAccount(secrets, { ...given, actors: [...actors] }, row.createdAt));
  await opened.configured();
}

function planfixActor(
  account: Account,
  options: ActorOptions,
  secret: string | null,
  administrator: boolean,
): Actor {
  if (!secret) throw wrongUse('Planfix needs the token: --token-stdin, and the token on stdin.');
  if (options.as === undefined || !/^user:\d+$/u.test(options.as))
    throw wrongUse('Planfix does not tell whose token it is: add --as user:<number>.');
  return { person: options.as, url: account.url, token: secret, administrator };
}

async function bitrixActor(
  account: Account,
  options: ActorOptions,
  secret: string | null,
  administrator: boolean,
): Promise<Actor> {
  const { origin } = new URL(account.url);
  const given = secret ? joined(options.url ?? origin, secret) : (options.url ?? '');
  if (given === '')
    throw wrongUse("Bitrix24 needs the URL of the user's incoming webhook: --url, or on stdin.");
  const url = await addressOf('bitrix24', given, account.allowPrivate);
  const person = userOf(url);
  if (new URL(url).origin !== origin)
    throw refused(
      `An actor of ${account.account} is a user of ${new URL(origin).host}; this webhook is of ${new URL(url).host}.`,
    );
  if (person === undefined)
    throw wrongUse('The URL of an incoming webhook names its user: /rest/<user>/<secret>/');
  if (options.as !== undefined && options.as !== person)
    throw wrongUse(`This webhook is of user ${person}, not of ${options.as}.`);
  return { person, url, token: null, administrator };
}
