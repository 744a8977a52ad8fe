/** Everything that a seed decides of a story, before it begins. */
import { type Fault } from '../../emulators/common/types.ts';
import { type CrmKind, fieldNames } from '../../mappings/types.ts';
import { houses } from './companies.ts';
import { type Draw, drawFrom } from './draw.ts';
import { drawSettings } from './settings.ts';
import {
  type CompanyPlan,
  type Deed,
  meanings,
  outages,
  type Shape,
  type Step,
  type Story,
  type WorldPlan,
} from './story.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const roles = ['integrator', 'client', 'contractor', 'designer', 'observer'];

/** How many accounts a shape has. */
const sizes: Readonly<Record<Shape, readonly [number, number]>> = {
  pair: [2, 2],
  hub: [3, 3],
  'fan-out': [3, 5],
};

/** `kinds`: what may break. */
export interface Breaking {
  readonly faults: boolean;
  readonly kills: boolean;
  readonly mappings: boolean;
}

export const everything: Breaking = { faults: true, kills: true, mappings: true };

function drawCompany(draw: Draw, index: number): CompanyPlan {
  const [account] = houses[index] ?? ['', '', ''];
  const kind = draw.one<CrmKind>(['planfix', 'bitrix24']);
  const settings = drawSettings(draw, kind);
  return {
    account,
    kind,
    role: roles[index] ?? '',
    scoped: index === 0 || draw.chance(0.6),
    card: draw.chance(0.3) ? 'old' : 'new',
    share: draw.chance(0.6) ? 'all' : 'addressed',
    clockMs: draw.chance(0.3) ? draw.between(-4 * 60, 4 * 60) * second : 0,
    probed: kind === 'bitrix24' && settings['im.templateId'] !== 'ignored' && draw.chance(0.3),
    settings,
  };
}

function drawWorld(draw: Draw, { kills }: Breaking, shape: Shape | null): WorldPlan {
  const drawn =
    shape ??
    draw.weighted<Shape>([
      [2, 'pair'],
      [4, 'hub'],
      [4, 'fan-out'],
    ]);
  const [fewest, most] = sizes[drawn];
  const companies = Array.from({ length: draw.between(fewest, most) }, (_, index) =>
    drawCompany(draw, index),
  );
  const sees = companies.flatMap((viewer, index) =>
    companies.flatMap((other, place) =>
      index > 0 && place > 0 && index !== place && draw.chance(0.2)
        ? [`${viewer.account} ${other.account}`]
        : [],
    ),
  );
  return {
    shape: drawn,
    companies,
    sees,
    conflict: draw.chance(0.7) ? 'latest' : 'hub',
    start: Date.parse('2026-11-24T06:00:00Z') + draw.below(8 * 60) * minute,
    workers: kills
      ? draw.weighted([
          [4, 1],
          [4, 2],
          [2, 3],
        ])
      : 1,
    sweepEveryMs: draw.one([5, 10, 15]) * minute,
  };
}

function drawDeed(draw: Draw, { companies, sees }: WorldPlan, company: CompanyPlan): Deed {
  const hub = companies[0]?.account ?? '';
  const known = companies
    .map(({ account }) => account)
    .filter(
      (other) =>
        other !== company.account &&
        (company.account === hub || other === hub || sees.includes(`${company.account} ${other}`)),
    );
  const pick = draw.below(1_000);
  return draw.weighted<() => Deed>([
    [3, () => ({ does: 'retitle' })],
    [2, () => ({ does: 'add a line' })],
    [2, () => ({ does: 'change a line', pick })],
    [3, () => ({ does: 'set deadline' })],
    [3, () => ({ does: 'set status', to: draw.one(meanings) })],
    [
      2,
      () => ({
        does: 'give',
        to: draw.chance(0.4) ? company.account : draw.one(known),
      }),
    ],
    [company.account === hub ? 1 : 0, () => ({ does: 'name', company: draw.one(known) })],
    [
      6,
      () => ({
        does: 'say',
        to: draw.chance(0.6) ? draw.one(known) : null,
        hidden: company.kind === 'planfix' && draw.chance(0.1),
        file: draw.chance(0.25),
      }),
    ],
    [3, () => ({ does: 'edit words', pick })],
    [1, () => ({ does: 'take back words', pick })],
    [1, () => ({ does: 'attach' })],
  ])();
}

/** Names of whom a task names when it is set: the hub at least, where the account shares no other way. */
function drawNamed(draw: Draw, { companies }: WorldPlan, company: CompanyPlan): readonly string[] {
  const hub = companies[0]?.account ?? '';
  if (company.account !== hub) return company.scoped && draw.chance(0.7) ? [] : [hub];
  return companies.map(({ account }) => account).filter((account) => account !== hub && draw.chance(0.6));
}

type Timed = Omit<Extract<Step, { is: 'deed' }>, 'number'> | Exclude<Step, { is: 'deed' }>;

function drawDeeds(draw: Draw, world: WorldPlan, lastsMs: number): Timed[] {
  const steps: Timed[] = [];
  const setTask = (at: number): void => {
    const company = draw.chance(0.6) ? world.companies[0] : draw.one(world.companies);
    if (!company) return;
    steps.push({
      at,
      is: 'deed',
      account: company.account,
      person: 0,
      task: 0,
      deed: { does: 'create', named: drawNamed(draw, world, company) },
    });
  };
  setTask(second);
  for (let more = draw.below(3); more > 0; more -= 1) setTask(draw.below(lastsMs / 2));
  const deeds = draw.between(24, 44);
  for (let count = 0; count < deeds; count += 1) {
    const at = 20 * second + draw.below(lastsMs);
    const company = draw.one(world.companies);
    const task = draw.below(4);
    const deed = drawDeed(draw, world, company);
    const person = draw.below(2);
    steps.push({ at, is: 'deed', account: company.account, person, task, deed });
    const together = ['retitle', 'set deadline', 'set status', 'change a line', 'give'].includes(deed.does);
    if (!together || !draw.chance(0.35)) continue;
    // Somebody else has the same thought within the same second.
    const other = draw.one(world.companies);
    const same = deed.does === 'give' ? drawDeed(draw, world, other) : deed;
    steps.push({
      at: at + draw.below(second),
      is: 'deed',
      account: other.account,
      person: 0,
      task,
      deed: same,
    });
  }
  return steps;
}

/** One request that goes wrong in one of the ways that a network, a gateway or an account knows. */
function drawFault(draw: Draw, kind: CrmKind): Fault {
  const times = draw.weighted([
    [5, 1],
    [2, 2],
    [1, 5],
  ]);
  const page = { $raw: '<html><body>Bad gateway</body></html>' };
  const busy =
    kind === 'planfix'
      ? {
          status: 403,
          body: { result: 'fail', code: 22, error: 'Too many requests', timeToReset: 3_000 },
        }
      : { status: 503, body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' } };
  const when = draw.one(['before', 'after'] as const);
  return draw.weighted<Fault>([
    [4, { on: '*', when, cut: true, times }],
    [3, { on: '*', when, answer: { status: draw.one([500, 502, 504]) }, times }],
    [
      2,
      { on: '*', when, answer: { status: 502, headers: { 'content-type': 'text/html' }, body: page }, times },
    ],
    [
      1,
      { on: '*', when, answer: { status: 200, headers: { 'content-type': 'text/html' }, body: page }, times },
    ],
    [2, { on: '*', when: 'before', answer: busy, times }],
    [2, { on: '*', when, delayMs: draw.between(1, 50) * second, times: 1 }],
    [3, { on: 'webhook', drop: true, times: draw.between(1, 20) }],
    [2, { on: 'webhook', double: true, times }],
    [2, { on: 'webhook', delayMs: draw.between(1, 120) * second, times }],
    [1, { on: 'webhook', cut: true, times }],
    [1, { on: 'webhook', receiverStatus: 500, times: 1 }],
  ]);
}

function drawFaults(draw: Draw, world: WorldPlan, lastsMs: number): Timed[] {
  const steps: Timed[] = Array.from({ length: draw.between(5, 16) }, () => {
    const company = draw.one(world.companies);
    return {
      at: draw.below(lastsMs),
      is: 'fault' as const,
      account: company.account,
      fault: drawFault(draw, company.kind),
    };
  });
  for (let count = draw.below(3); count > 0; count -= 1)
    steps.push({
      at: draw.below(lastsMs),
      is: 'outage',
      account: draw.one(world.companies).account,
      how: draw.one(outages),
      lastsMs: draw.weighted([
        [6, draw.between(10, 300) * second],
        [3, draw.between(5, 40) * minute],
        [1, 24 * hour],
      ]),
    });
  return steps;
}

function drawKills(draw: Draw, world: WorldPlan, lastsMs: number): Timed[] {
  const calls = (): number =>
    draw.weighted([
      [1, draw.between(1, 12)],
      [2, draw.between(1, 80)],
    ]);
  return Array.from({ length: draw.below(6) }, (): Timed => {
    const worker = draw.below(world.workers);
    const at = draw.below(lastsMs);
    if (draw.chance(0.35))
      return {
        at,
        is: 'stall',
        worker,
        calls: calls(),
        lastsMs: draw.weighted([
          [2, draw.between(1, 60) * second],
          [3, draw.between(100, 400) * second],
        ]),
      };
    return {
      at,
      is: 'kill',
      worker,
      calls: calls(),
      lands: draw.chance(0.5),
      backMs: draw.between(1, 240) * second,
    };
  });
}

const shareable = fieldNames.filter(
  (name) => name !== 'title' && name !== 'assignee' && name !== 'participants',
);

function drawMappings(draw: Draw, lastsMs: number): Timed[] {
  if (!draw.chance(0.25)) return [];
  const at = draw.below(lastsMs);
  const tight = fieldNames.filter((name) => !shareable.some((one) => one === name) || draw.chance(0.6));
  const back: Timed = { at: at + draw.below(lastsMs - at), is: 'mapping', shared: fieldNames };
  return [{ at, is: 'mapping', shared: tight }, ...(draw.chance(0.7) ? [back] : [])];
}

/** The same seed gives the same story. `shape`: of the world, when not drawn. */
export function drawStory(seed: number, breaking: Breaking = everything, shape: Shape | null = null): Story {
  const draw = drawFrom(seed);
  const world = drawWorld(draw, breaking, shape);
  const lastsMs = draw.between(4, 40) * minute;
  const steps = [
    ...drawDeeds(draw, world, lastsMs),
    ...(breaking.faults ? drawFaults(draw, world, lastsMs) : []),
    ...(breaking.kills ? drawKills(draw, world, lastsMs) : []),
    ...(breaking.mappings ? drawMappings(draw, lastsMs) : []),
  ].sort((one, other) => one.at - other.at);
  // A day is not swept every few minutes here: it would be all that there is to compute.
  const long = steps.some((step) => step.is === 'outage' && step.lastsMs > 2 * hour);
  return {
    seed,
    world: long ? { ...world, sweepEveryMs: hour } : world,
    steps: steps.map((step, index) => (step.is === 'deed' ? { ...step, number: index + 1 } : step)),
  };
}
