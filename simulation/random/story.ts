/**
 * A story as plain data: the companies, what their people do, what breaks, and when. Steps name tasks and comments by the
 * order in which the story makes them, so that a story stays one when steps are left out.
 */
import { type Fault, type SettingValue } from '../../emulators/common/types.ts';
import { type CrmKind } from '../../mappings/types.ts';

export interface CompanyPlan {
  readonly account: string;
  readonly kind: CrmKind;
  readonly role: string;
  /** Whether every task of its project or group is shared; if not, only those that name the other side. */
  readonly scoped: boolean;
  readonly card: 'new' | 'old';
  /** Which comments leave the account. */
  readonly share: 'all' | 'addressed';
  /** Its clock is so much ahead of everybody's, ms. */
  readonly clockMs: number;
  /** Whether what can be probed of it was probed. */
  readonly probed: boolean;
  /** Those that differ from what the references take for usual. */
  readonly settings: Readonly<Record<string, SettingValue>>;
}

export type Shape = 'pair' | 'hub' | 'fan-out';

export interface WorldPlan {
  readonly shape: Shape;
  /** The hub stands first. */
  readonly companies: readonly CompanyPlan[];
  /** Beside themselves and the hub: `viewer other`. */
  readonly sees: readonly string[];
  readonly conflict: 'latest' | 'hub';
  readonly start: number;
  readonly workers: number;
  readonly sweepEveryMs: number;
}

/** What a person does; `what` beside the task that it concerns. */
export type Deed =
  | { readonly does: 'create'; readonly named: readonly string[] }
  | { readonly does: 'retitle' }
  | { readonly does: 'add a line' }
  | { readonly does: 'change a line'; readonly pick: number }
  | { readonly does: 'set deadline' }
  | { readonly does: 'set status'; readonly to: Meaning }
  | { readonly does: 'give'; readonly to: string }
  | { readonly does: 'name'; readonly company: string }
  | { readonly does: 'say'; readonly to: string | null; readonly hidden: boolean; readonly file: boolean }
  | { readonly does: 'edit words'; readonly pick: number }
  | { readonly does: 'take back words'; readonly pick: number }
  | { readonly does: 'attach' };

export const meanings = ['new', 'in_progress', 'waiting', 'done'] as const;
export type Meaning = (typeof meanings)[number];

export type Step = {
  /** From the story's beginning, ms. */
  readonly at: number;
} & (
  | {
      readonly is: 'deed';
      /** Number of the step when the story was drawn: what people write bears it. */
      readonly number: number;
      readonly account: string;
      readonly person: number;
      /** Of the tasks that were created so far, modulo their count. */
      readonly task: number;
      readonly deed: Deed;
    }
  | { readonly is: 'fault'; readonly account: string; readonly fault: Fault }
  | { readonly is: 'outage'; readonly account: string; readonly how: Outage; readonly lastsMs: number }
  | {
      readonly is: 'kill';
      readonly worker: number;
      /** It dies at so many of its next calls of Runtime or store. */
      readonly calls: number;
      /** Whether what it was just asking for still happens. */
      readonly lands: boolean;
      readonly backMs: number;
    }
  | { readonly is: 'stall'; readonly worker: number; readonly calls: number; readonly lastsMs: number }
  | { readonly is: 'mapping'; readonly shared: readonly string[] }
);

export const outages = ['offline', 'refused', 'unpaid', 'limited', 'web page'] as const;
export type Outage = (typeof outages)[number];

export interface Story {
  readonly seed: number;
  readonly world: WorldPlan;
  readonly steps: readonly Step[];
}

export const clock = (ms: number): string => {
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = Math.floor(ms / 1_000);
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
};

function tellDeed(deed: Deed, number: number): string {
  switch (deed.does) {
    case 'create':
      return `sets task №${String(number)}${deed.named.length > 0 ? `, naming ${deed.named.join(', ')}` : ''}`;
    case 'set status':
      return `puts a task into "${deed.to}"`;
    case 'give':
      return `gives a task to ${deed.to}`;
    case 'name':
      return `names ${deed.company} in a task`;
    case 'say':
      return `says слово${String(number)}${deed.to === null ? '' : ` to ${deed.to}`}${deed.hidden ? ', hidden' : ''}${deed.file ? ', with a file' : ''}`;
    case 'retitle':
    case 'add a line':
    case 'change a line':
      return `${deed.does === 'retitle' ? 'retitles a task' : `${deed.does} of a task`}: слово${String(number)}`;
    case 'set deadline':
      return `sets deadline ${String(number)}`;
    case 'edit words':
    case 'take back words':
      return deed.does;
    case 'attach':
      return `attaches файл${String(number)}.txt`;
  }
}

function tellFault({ on, when = 'before', answer, cut, delayMs, drop, double, times = 1 }: Fault): string {
  const how = [
    cut === true ? 'cut' : '',
    answer === undefined ? '' : `answered ${String(answer.status)}`,
    delayMs === undefined ? '' : `${String(delayMs)} ms late`,
    drop === true ? 'lost' : '',
    double === true ? 'sent twice' : '',
  ].filter((part) => part !== '');
  const which = on === 'webhook' ? 'webhooks' : `requests to ${on}`;
  return `${String(times)} ${which}: ${how.join(', ')}${on === 'webhook' ? '' : `, ${when} they take effect`}`;
}

/** A step in words. */
export function tellStep(step: Step): string {
  const at = clock(step.at);
  switch (step.is) {
    case 'deed':
      return `${at} ${step.account}, person ${String(step.person)}, task ${String(step.task)}: ${tellDeed(step.deed, step.number)}`;
    case 'fault':
      return `${at} ${step.account}: ${tellFault(step.fault)}`;
    case 'outage':
      return `${at} ${step.account}: ${step.how} for ${clock(step.lastsMs)}`;
    case 'kill':
      return `${at} worker ${String(step.worker)} dies at its ${String(step.calls)}. call, which ${step.lands ? 'still happens' : 'never happens'}; back after ${clock(step.backMs)}`;
    case 'stall':
      return `${at} worker ${String(step.worker)} sleeps at its ${String(step.calls)}. call for ${clock(step.lastsMs)}`;
    case 'mapping':
      return `${at} the mapping is replaced: shared are ${step.shared.join(', ')}`;
  }
}

/** What a seed drew, in words. */
export function tellWorld({
  shape,
  companies,
  sees,
  conflict,
  workers,
  sweepEveryMs,
  start,
}: WorldPlan): string {
  const lines = companies.map((one, index) => {
    const how = [
      one.kind === 'planfix' ? 'Planfix' : `Bitrix24, ${one.card} card`,
      index === 0 ? 'hub' : one.role,
      one.scoped ? 'scoped' : 'by name',
      `shares ${one.share === 'all' ? 'all comments' : 'comments addressed to the other side'}`,
      ...(one.clockMs === 0 ? [] : [`clock ${String(one.clockMs / 1_000)} s ahead`]),
      ...(one.probed ? ['probed'] : []),
      ...Object.entries(one.settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    ];
    return `  ${one.account}: ${how.join('; ')}`;
  });
  return [
    `${shape} of ${String(companies.length)} accounts from ${new Date(start).toISOString()}, conflicts by ${conflict}, ${String(workers)} worker(s), swept every ${String(sweepEveryMs / 1_000)} s${sees.length > 0 ? `; also seen: ${sees.join(', ')}` : ''}`,
    ...lines,
  ].join('\n');
}
