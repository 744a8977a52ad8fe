/** Plays a story to its end and says what was wrong, what did not come about, and what it cost. */
import { as, type SpaceId } from '../../errors/ids.ts';
import { fieldNames } from '../../mappings/types.ts';
import { given } from '../../connectors/findings.ts';
import { type Connector } from '../../connectors/port.ts';
import { memoryStore } from '../../store/memory.ts';
import { type Store } from '../../store/port.ts';
import { type Log, silentLog } from '../../sync/engine/deps.ts';
import {
  emptyLedger,
  type JudgedAccount,
  type JudgedWorld,
  numberIn,
  type ToldField,
} from '../judge/ledger.ts';
import { type Evidence, unfinished, wrong } from '../judge/verdict.ts';
import { houses, mappingOf, seesOf, standIn, statusesOf, tracesOf } from './companies.ts';
import { handsOf } from './hands.ts';
import { watchWrites } from './overwritten.ts';
import { type Network, networkOf, traceOf } from './network.ts';
import { seededRandom } from '../../runtime/simulated.ts';
import { type Story, type Step, type WorldPlan } from './story.ts';
import { type Shared, startWorker, type Worker } from './worker.ts';

/** What a build breaks on purpose. */
export interface Canary {
  connector?(connector: Connector): Connector;
  store?(store: Store): Store;
}

export interface PlayOptions {
  /** Ends after so many steps: what comes later is left out. */
  readonly until?: number;
  readonly keepTrace?: boolean;
  readonly canary?: Canary;
  readonly log?: Log;
}

export interface Played {
  /** Empty = nothing wrong, everything came about. */
  readonly findings: readonly string[];
  /** SHA-256 of everything that went over the wire. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly deeds: number;
  readonly refused: number;
  /** Words for the kinds of faults that struck. */
  readonly faults: readonly string[];
  /** Calls at which workers died. */
  readonly kills: readonly string[];
  readonly requests: number;
  readonly rounds: number;
  /** How long the story was, in virtual ms. */
  readonly lastedMs: number;
  readonly inWindow: number;
}

const minute = 60_000;
/** Most rounds of sweeps until all agree once nothing breaks any more. */
const roundsMax = 30;
/** Requests that an account may be asked in a round in which nothing happens: its sweep, and its threads read anew. */
const quietRequests = (tasks: number): number => 20 + 4 * tasks;

const judgedOf = (plan: WorldPlan): JudgedWorld => ({
  hub: plan.companies[0]?.account ?? '',
  organisations: Object.fromEntries(houses.map(([account, organisation]) => [organisation, account])),
  unsteady: new Set(),
  accounts: plan.companies.map((one): JudgedAccount => {
    const sees = new Set(
      plan.companies.map(({ account }) => account).filter((other) => seesOf(plan)(one.account, other)),
    );
    return {
      account: one.account,
      kind: one.kind,
      hands:
        one.kind === 'planfix'
          ? ['user:1', ...houses.map(([account]) => standIn('planfix', account))]
          : ['1', ...houses.map(([account]) => standIn('bitrix24', account))],
      scoped: one.scoped,
      share: one.share,
      sees,
      statuses: Object.fromEntries(Object.entries(statusesOf(one)).map(([meaning, id]) => [id, meaning])),
      neverReads: plan.companies
        .filter(({ account }) => !sees.has(account))
        .flatMap(({ account }) => tracesOf(account)),
    };
  }),
});

const toldFields: Readonly<Record<string, ToldField>> = {
  title: 'title',
  description: 'description',
  deadline: 'deadline',
  status: 'status',
  assignee: 'holder',
};

/** Fields that some mapping of the story does not share. */
const unsteadyOf = ({ steps }: Story): ReadonlySet<ToldField> =>
  new Set(
    steps.flatMap((step) =>
      step.is === 'mapping'
        ? fieldNames.flatMap((name) => {
            const told = toldFields[name];
            return told === undefined || step.shared.includes(name) ? [] : [told];
          })
        : [],
    ),
  );

export async function play(story: Story, options: PlayOptions = {}): Promise<Played> {
  const { world: plan } = story;
  const steps = options.until === undefined ? story.steps : story.steps.slice(0, options.until);
  const trace = traceOf(options.keepTrace === true);
  const salts = seededRandom(story.seed ^ 0x5a17);
  const memory = memoryStore(() => salts().toString(36).slice(2));
  const store = options.canary?.store?.(memory) ?? memory;
  const judged: JudgedWorld = { ...judgedOf(plan), unsteady: unsteadyOf(story) };
  const ledger = emptyLedger();
  let dying = 0;
  const network = networkOf(story.seed, plan, memory, trace, (account, request, sentAt) =>
    watchWrites(judged, ledger, network.host(account), request, sentAt, dying > 0),
  );
  const { runtime } = network;
  const hands = handsOf(plan, judged, ledger, network);

  const shared: Shared = {
    plan,
    runtime,
    store,
    log: options.log ?? silentLog,
    mappings: new Map([[as<SpaceId>('drawn'), mappingOf(plan)]]),
    people: new Map(),
    findings: new Map(
      plan.companies.map(({ account, probed }) => [
        account,
        new Map(
          (probed
            ? given({ creations: 'v3', 'template-id': 'unique', 'compare-and-set': 'guarded' })
            : []
          ).map((finding) => [finding.name, finding]),
        ),
      ]),
    ),
    beside: (work) => network.beside(work),
    connector: (connector) => options.canary?.connector?.(connector) ?? connector,
  };
  const workers: Worker[] = Array.from({ length: plan.workers }, () => startWorker(shared));

  const kills: string[] = [];
  const faults = new Set<string>();
  let deeds = 0;
  let refused = 0;
  let turn = 0;
  const sweepAll = (): void => {
    const living = workers.filter(({ alive }) => alive);
    for (const { account } of plan.companies) {
      turn += 1;
      const worker = living[turn % Math.max(living.length, 1)];
      if (worker) network.beside(worker.sweep(account));
    }
  };
  let sweptAt = plan.start;
  /** Time goes on, with the sweeps that fall into it. */
  const goOn = async (until: number): Promise<void> => {
    while (sweptAt + plan.sweepEveryMs <= until) {
      sweptAt += plan.sweepEveryMs;
      await runtime.advance(sweptAt - runtime.now());
      sweepAll();
    }
    await runtime.advance(until - runtime.now());
  };

  const backLater = (number: number, backMs: number): void => {
    network.beside(
      runtime.sleep(backMs).then(() => {
        if (workers[number]?.alive === false) workers[number] = startWorker(shared);
      }),
    );
  };

  function perform(step: Step): void {
    switch (step.is) {
      case 'deed':
        if (hands.do(step)) deeds += 1;
        else refused += 1;
        return;
      case 'fault':
        network.host(step.account).addFault(step.fault);
        faults.add(kindOf(step.fault));
        return;
      case 'outage':
        network.breakDown(step.account, step.how, runtime.now() + step.lastsMs);
        faults.add(step.how);
        return;
      case 'kill':
        dying += 1;
        workers[step.worker]?.dieAt(step.calls, step.lands, (call) => {
          network.beside(runtime.sleep(minute).then(() => (dying -= 1)));
          kills.push(call);
          trace.add(String(runtime.now()), `worker ${String(step.worker)} dies at`, call);
          faults.add('a worker dies');
          backLater(step.worker, step.backMs);
        });
        return;
      case 'stall':
        workers[step.worker]?.sleepAt(step.calls, step.lastsMs, (call) => {
          trace.add(String(runtime.now()), `worker ${String(step.worker)} sleeps at`, call);
          faults.add('a worker sleeps');
        });
        return;
      case 'mapping': {
        const version = (shared.mappings.get(as<SpaceId>('drawn'))?.version ?? 0) + 1;
        shared.mappings.set(as<SpaceId>('drawn'), mappingOf(plan, step.shared, version));
        return;
      }
    }
  }

  const evidence = async (): Promise<Evidence> => ({
    dumps: Object.fromEntries(plan.companies.map(({ account }) => [account, network.host(account).dump()])),
    conflicts: await conflictsIn(memory),
  });

  // The bridge connects and sets where sweeping begins. Until the first answers tell what time an account has, changes of
  // one whose clock is minutes behind would seem to be older than that.
  for (let waited = 0; waited < 20 && !workers.every(({ connected }) => connected); waited += 1)
    await runtime.advance(15_000);
  sweepAll();
  sweptAt = runtime.now();
  await goOn(runtime.now() + 5 * minute);
  const begin = runtime.now();

  const findings: string[] = [];
  for (const [index, step] of steps.entries()) {
    await goOn(begin + step.at);
    trace.add(String(runtime.now()), `step ${String(index)}`);
    perform(step);
    if (index % 12 !== 11) continue;
    findings.push(
      ...wrong(judged, ledger, await evidence()).map((finding) => `after step ${String(index)}: ${finding}`),
    );
    if (findings.length > 0) break;
  }
  await goOn(begin + Math.max(...steps.map(endOf), 0) + minute);
  if (findings.length === 0) findings.push(...wrong(judged, ledger, await evidence()));

  // From here on nothing breaks any more.
  for (const { account } of plan.companies) network.host(account).clearFaults();
  for (const [number, worker] of workers.entries()) if (!worker.alive) workers[number] = startWorker(shared);
  let rounds = 0;
  let open: readonly string[] = ['it never came to rest'];
  while (findings.length === 0 && rounds < roundsMax && open.length > 0) {
    rounds += 1;
    await goOn(runtime.now() + plan.sweepEveryMs);
    if (rounds < 3 && rounds % 2 === 1) continue;
    const seen = await evidence();
    open = [...wrong(judged, ledger, seen), ...unfinished(judged, ledger, seen), ...(await waiting(memory))];
  }
  if (findings.length === 0) findings.push(...open);

  if (findings.length === 0) findings.push(...(await quietly(plan, network, ledger.tasks.length, goOn)));
  if (findings.length === 0) findings.push(...wrong(judged, ledger, await evidence()));
  findings.push(...network.broken.map((error) => `the simulation broke: ${String(error)}`));
  for (const worker of workers) worker.stop();
  return {
    findings,
    hash: trace.hash(),
    trace: trace.lines,
    deeds,
    refused,
    faults: [...faults],
    kills,
    requests: plan.companies.reduce(
      (sum, { account }) => sum + network.host(account).log().entries.length,
      0,
    ),
    rounds,
    lastedMs: runtime.now() - plan.start,
    inWindow: ledger.typed.filter((typed) => typed.inWindow).length,
  };
}

const endOf = (step: Step): number =>
  step.at + (step.is === 'outage' || step.is === 'stall' ? step.lastsMs : 0);

function kindOf({
  on,
  when = 'before',
  cut,
  answer,
  delayMs,
  drop,
  double,
  receiverStatus,
}: Extract<Step, { is: 'fault' }>['fault']): string {
  const how = cut
    ? 'cut'
    : answer
      ? `answered ${String(answer.status)}`
      : drop
        ? 'lost'
        : double
          ? 'doubled'
          : receiverStatus
            ? 'refused'
            : delayMs
              ? 'late'
              : 'other';
  return on === 'webhook' ? `hint ${how}` : `${how} ${when}`;
}

/** Conflict records as they are shown to people, by the number of their task. */
async function conflictsIn(store: Store): Promise<ReadonlyMap<number, string>> {
  const items = await store.loadItems(await store.listItems(null));
  return new Map(
    items.map(({ item }) => [
      numberIn(item.fields.title?.value ?? '') ?? 0,
      JSON.stringify(item.conflicts.map(({ field, lost, won }) => [field, lost.value, won.value])),
    ]),
  );
}

/** What the bridge still has to do: operations without a known end. */
async function waiting(store: Store): Promise<readonly string[]> {
  const rows = await store.openOperations(null);
  return rows.map(
    ({ account, task, planned, state }) => `${account}: ${planned.key} of ${task} is ${state} to the end`,
  );
}

/** A world in which nothing happens: its accounts are swept, and nothing is written. */
async function quietly(
  plan: WorldPlan,
  network: Network,
  tasks: number,
  goOn: (until: number) => Promise<void>,
): Promise<readonly string[]> {
  const since = new Map(plan.companies.map(({ account }) => [account, network.host(account).log(0).next]));
  const rounds = 2;
  await goOn(network.runtime.now() + rounds * plan.sweepEveryMs);
  return plan.companies.flatMap(({ account }) => {
    const { entries } = network.host(account).log(since.get(account) ?? 0);
    const written = entries.filter(({ write, rest }) => write && rest);
    const findings = written.map(
      ({ operation, inner }) =>
        `${account}: ${operation} ${inner?.join('+') ?? ''} though nobody did anything`,
    );
    if (entries.length > rounds * quietRequests(tasks))
      findings.push(`${account}: ${String(entries.length)} requests though nobody did anything`);
    return findings;
  });
}
