/** `svyazka account webhook NAME`: what to build in the CRM, ready to paste. */
import { ConnectorError, type LocalObject } from '../../connectors/port.ts';
import { realRuntime } from '../../runtime/real.ts';
import { type Account, connect, hookAddress } from '../accounts.ts';
import { keptPeople } from '../people.ts';
import { type ScenarioToBuild, type WebhookSetup, webhookSetup } from '../webhookSetup.ts';
import { type Io } from './io.ts';
import { accountOf, accountsOf, mappingsOf, type Session } from './session.ts';

export async function accountWebhook(session: Session, io: Io, name: string): Promise<void> {
  const account = await accountOf(session, name);
  const { environment, opened, secrets } = session;
  const setup = webhookSetup({
    account,
    address: hookAddress(environment.publicUrl ?? `http://localhost:${String(environment.port)}`, account),
    mappings: [...(await mappingsOf(session, await accountsOf(session))).values()],
    people: (await keptPeople(opened.store, secrets, account.account)) ?? [],
    objects: await objectsOf(io, account),
  });
  if (environment.publicUrl === undefined)
    io.warn('SVYAZKA_PUBLIC_URL is not set: the CRM can not reach the addresses below.');
  tell(io, account, setup);
}

/** Read-only; an account that does not answer gets its instructions all the same. */
async function objectsOf(io: Io, account: Account): Promise<readonly LocalObject[] | null> {
  if (account.kind !== 'planfix') return null;
  try {
    return (await connect(account, realRuntime()).connector.objects?.()) ?? null;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    io.warn(`The objects of ${account.account} could not be read: ${error.message}`);
    return null;
  }
}

function tell(io: Io, { account }: Account, setup: WebhookSetup): void {
  const { kind, address } = setup;
  if (setup.kind === 'planfix') {
    const where =
      setup.objects === null
        ? 'in each object whose tasks are shared'
        : `in each of these objects whose tasks are shared: ${setup.objects.map(({ id, name }) => `${name} (${id})`).join(', ')}`;
    io.result(
      { record: 'webhook', account, kind, address, objects: setup.objects },
      `Scenarios to build in ${account} (Account management → Objects → the object → Scripts), ${where}:`,
    );
    for (const scenario of setup.scenarios)
      io.result({ record: 'scenario', account, ...scenario }, `\n${shown(scenario)}`);
    io.result(
      { record: 'button', account, ...setup.button },
      `\nIf you like, a button on the card, for whoever wants to be sure that all is in step:\n${shown(setup.button)}`,
    );
  } else if (setup.bindsItself) {
    io.result(
      { record: 'webhook', account, kind, address, bindsItself: true, events: setup.events },
      `${account} is an application: it binds its events itself when it is installed, there is nothing to build. Next: svyazka account check ${account}`,
    );
  } else {
    io.result(
      {
        record: 'webhook',
        account,
        kind,
        address,
        method: 'POST',
        events: setup.events,
        tokenKnown: setup.tokenKnown,
      },
      [
        `Outgoing webhook to create in ${account}: Applications → Developer resources → Common use cases → Other → Outbound webhook`,
        `  handler address  ${address}`,
        `  events           ${setup.events.join(', ')}`,
        ...(setup.tokenKnown
          ? ['  token            the bridge has one; when the webhook is made anew, give it the new one']
          : [
              '  token            the page shows it when the webhook is created; each event brings it as auth[application_token]',
              `  then             svyazka account add ${account} … --application-token TOKEN`,
            ]),
      ].join('\n'),
    );
  }
  if (io.json) for (const text of setup.notes) io.result({ record: 'note', account, text }, text);
  else io.say(`\nGood to know:\n${setup.notes.map((text) => `- ${text}`).join('\n')}`);
}

const shown = ({ name, event, conditions, request }: ScenarioToBuild): string =>
  [
    name,
    `  event       ${event}`,
    ...conditions.map(
      (condition, index) => `${index === 0 ? '  conditions  ' : '              '}${condition}`,
    ),
    `  operation   HTTP request, ${request.method}`,
    `  address     ${request.address}`,
    ...Object.entries(request.headers).map(([header, value]) => `  header      ${header}: ${value}`),
    `  body        ${request.body}`,
  ].join('\n');
