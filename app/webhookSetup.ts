/**
 * What people build in a CRM so that it tells the bridge of changes: the outgoing webhook of Bitrix24, automatic scenarios
 * of Planfix with the conditions that keep the bridge's own writes from using up the month's automatic operations. Pure.
 */
import { taskEvents } from '../connectors/bitrix24/application.ts';
import { type LocalObject } from '../connectors/port.ts';
import { type Mapping } from '../mappings/types.ts';
import { type LocalPerson } from '../sync/core/account.ts';
import { type Account } from './accounts.ts';

export interface HttpRequestToPaste {
  readonly method: 'POST';
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ScenarioToBuild {
  readonly name: string;
  /** In the words of Planfix's help. */
  readonly event: string;
  /** All of them must hold. */
  readonly conditions: readonly string[];
  readonly request: HttpRequestToPaste;
}

export interface PlanfixSetup {
  readonly kind: 'planfix';
  readonly address: string;
  /** In each of these; null = the account could not be asked: in each object whose tasks are shared. */
  readonly objects: readonly LocalObject[] | null;
  readonly scenarios: readonly ScenarioToBuild[];
  readonly button: ScenarioToBuild;
  readonly notes: readonly string[];
}

export interface Bitrix24Setup {
  readonly kind: 'bitrix24';
  readonly address: string;
  /** An application binds its events itself when it is installed: there is nothing to build. */
  readonly bindsItself: boolean;
  readonly events: readonly string[];
  /** Whether the bridge has the token that the portal signs its events with. */
  readonly tokenKnown: boolean;
  readonly notes: readonly string[];
}

export type WebhookSetup = PlanfixSetup | Bitrix24Setup;

export interface SetupGround {
  readonly account: Account;
  /** Where the CRM reaches the bridge for this account. */
  readonly address: string;
  /** Mappings in force. */
  readonly mappings: readonly Mapping[];
  /** People read last; empty = not read yet, then numbers stand without names. */
  readonly people: readonly LocalPerson[];
  readonly objects: readonly LocalObject[] | null;
}

export const webhookSetup = (ground: SetupGround): WebhookSetup =>
  ground.account.kind === 'planfix' ? planfixSetup(ground) : bitrix24Setup(ground);

function planfixSetup({ account, address, mappings, people, objects }: SetupGround): PlanfixSetup {
  const shown = (id: string): string => {
    const name = people.find((person) => person.id === id)?.name ?? '';
    return name === '' ? id : `${name} (${id})`;
  };
  const standIns = standInsOf(account, mappings).filter((id) => id !== account.actor);
  const request = (event: string): HttpRequestToPaste => ({
    method: 'POST',
    address,
    headers: { 'Content-Type': 'application/json' },
    body: `{"event":"${event}","task":"{{Задача.Номер}}"}`,
  });
  const notTheBridge = `Modified by: is not ${shown(account.actor)}`;
  const notAStandIn = standIns.map((id) => `Modified by: is not ${shown(id)}`);
  return {
    kind: 'planfix',
    address,
    objects,
    scenarios: [
      {
        name: 'Svyazka: task created',
        event: 'Task is created',
        conditions: [notTheBridge],
        request: request('task.created'),
      },
      {
        name: 'Svyazka: task changed',
        event: 'Task is modified and still meets the conditions',
        conditions: [notTheBridge],
        request: request('task.changed'),
      },
      {
        name: 'Svyazka: comment',
        event: 'Comment is added',
        conditions: [notTheBridge, ...notAStandIn],
        request: request('comment.created'),
      },
    ],
    button: {
      name: 'Compare now',
      event: 'Button is pressed',
      conditions: [],
      request: request('button'),
    },
    notes: [
      'Not "Task is modified and now meets the conditions": it fires only when the conditions did not hold at the change before.',
      ...scopeNotes(account, mappings),
      ...(standIns.length > 0
        ? [
            'Comments that the bridge writes show the stand-in as their author: whether Planfix then takes the robot or the stand-in for the author of the change is not documented, so both are excluded.',
          ]
        : []),
      'One operation in each scenario, nothing else: each request that is sent uses one automatic operation of the month. Leave the repetition of failed requests on.',
      'Edits and deletions of comments and deletions of tasks start no scenario: the sweep finds them within minutes, the button at once.',
      'A plan without scenarios, or a month whose operations are used up: build nothing, the sweep alone keeps the tasks in step (a change takes about a minute).',
      'The address is a secret: whoever has it can make the bridge read tasks.',
    ],
  };
}

/** Who stands in the account for other organisations. */
function standInsOf({ account }: Account, mappings: readonly Mapping[]): readonly string[] {
  const all = mappings.flatMap(({ members }) =>
    members
      .filter((member) => member.account === account)
      .flatMap((member) => Object.values<string>(member.standIns)),
  );
  return [...new Set(all)].sort();
}

/** A condition on the project spares more, where nothing is shared from outside of it. */
function scopeNotes({ account }: Account, mappings: readonly Mapping[]): readonly string[] {
  const scopes = mappings.flatMap(({ members }) =>
    members.filter((member) => member.account === account).map(({ scope }) => scope),
  );
  const projects = [
    ...new Set(scopes.flatMap((scope) => (scope?.kind === 'project' ? [scope.project] : []))),
  ].sort();
  if (projects.length === 0) return [];
  return [
    `To use still fewer operations, add the condition "Project: ${projects.join(' or ')}": what happens elsewhere then costs none. ` +
      'A task outside that is shared because it names a stand-in is found by the sweep instead.',
  ];
}

const bitrix24Setup = ({ account, address }: SetupGround): Bitrix24Setup => ({
  kind: 'bitrix24',
  address,
  bindsItself: account.application !== undefined,
  events: taskEvents,
  tokenKnown: account.hookSecret !== null,
  notes: [
    'The portal repeats no event: what got lost is found by the sweep.',
    'In the new task card ONTASKCOMMENTADD alone tells of messages; edits and deletions in a chat tell nothing.',
    'The portal must reach the address over https with a certificate that it trusts.',
  ],
});
