/** Automatic scenarios with the operation "HTTP request": the only way Planfix tells of changes (section 13). */
import { type Instant, type OutgoingRequest, type ReceiverAnswer } from '../common/types.ts';
import { userOf } from './persons.ts';
import { nextId } from './records.ts';
import {
  type Cause,
  type Comment,
  type CommentAuthor,
  type Job,
  type Scenario,
  type ScenarioRequest,
  type State,
  type Step,
  type Task,
} from './state.ts';
import { rendered } from './templates.ts';

const encoder = new TextEncoder();
const MINUTE = 60_000;
const GRACE = 5_000;

/** What a change of a task was: the task as it was, and the keys and numbers of custom fields that differ now. */
export interface Changed {
  readonly before: Task;
  readonly fields: readonly string[];
}

/** Starts, in the order of their list, every scenario of an event whose conditions hold. */
export function fire(
  step: Step,
  on: string,
  task: Task,
  cause: Cause,
  comment?: Comment,
  changed?: Changed,
): void {
  const { state } = step;
  if (state.scenarios.length === 0) return;
  if (cause.api && !state.settings['scenarios.onApiWrites']) return;
  if (cause.silent && state.settings['silent.suppressesScenarios']) return;
  const author = authorOf(state, cause, comment);
  for (const scenario of state.scenarios) {
    const told = scenario.on === on || (changed !== undefined && tells(state, scenario, author, changed));
    if (told && scenario.enabled && holds(state, scenario, task, author))
      begin(step, scenario, task, comment);
  }
}

/** Whether a change is the narrower event of a scenario: conditions that hold only now, or one of its fields. */
function tells(state: State, scenario: Scenario, author: string, { before, fields }: Changed): boolean {
  if (scenario.on === 'task.met') return !holds(state, scenario, before, author);
  if (scenario.on !== 'field.changed') return false;
  return scenario.fields?.some((field) => fields.includes(field)) ?? true;
}

/** Presses a button of a task's card; false = the card has no button of this name. */
export function press(step: Step, button: string, task: Task): boolean {
  const scenario = step.state.scenarios.find(
    ({ on, enabled, name, object }) =>
      on === 'button' && enabled && name === button && (object?.includes(task.object ?? -1) ?? true),
  );
  if (scenario !== undefined) begin(step, scenario, task);
  return scenario !== undefined;
}

function begin({ state, now }: Step, scenario: Scenario, task: Task, comment?: Comment): void {
  const job =
    (scenario.restartCountdown ? takeCounting(state, scenario.id, task.id, now) : undefined) ??
    newJob(state, scenario.id, task.id);
  job.dueAt = now + scenario.delayMs;
  job.comment = comment?.id ?? job.comment;
  enqueue(state, job);
}

/** Whom the condition "author of the change" means: who did it, or whom a comment names as its owner. */
function authorOf(state: State, cause: Cause, comment: Comment | undefined): string {
  const shown = cause.api && state.settings['scenarios.commentAuthor'] === 'owner';
  return shown && comment !== undefined ? comment.owner : cause.actor.person;
}

/** Takes out an execution whose countdown still runs, to start it anew. */
function takeCounting(state: State, scenario: number, task: number, now: Instant): Job | undefined {
  const { waiting } = state.deliveries;
  const at = waiting.findIndex(
    (job) => job.scenario === scenario && job.task === task && job.attempts === 0 && job.dueAt > now,
  );
  return at < 0 ? undefined : waiting.splice(at, 1)[0];
}

function enqueue(state: State, job: Job): void {
  const { waiting } = state.deliveries;
  let at = waiting.length;
  for (; at > 0; at -= 1) {
    const before = waiting[at - 1];
    if (
      before === undefined ||
      before.dueAt < job.dueAt ||
      (before.dueAt === job.dueAt && before.id < job.id)
    )
      break;
  }
  waiting.splice(at, 0, job);
}

function newJob(state: State, scenario: number, task: number): Job {
  return {
    id: nextId(state, 'job'),
    scenario,
    task,
    comment: undefined,
    dueAt: 0,
    attempts: 0,
    rendered: undefined,
    inFlightSince: 0,
    settles: undefined,
    delayAnswerMs: 0,
    answerStatus: undefined,
  };
}

function holds(state: State, scenario: Scenario, task: Task, author: string): boolean {
  const { lastCommentFrom } = scenario;
  return (
    (scenario.authorNot === undefined || !scenario.authorNot.includes(author)) &&
    (scenario.author === undefined || scenario.author.includes(author)) &&
    (scenario.object === undefined || scenario.object.includes(task.object ?? -1)) &&
    (scenario.template === undefined || scenario.template.includes(task.template ?? -1)) &&
    (scenario.project === undefined || scenario.project.includes(task.project ?? -1)) &&
    (scenario.status === undefined || scenario.status.includes(task.status)) &&
    (lastCommentFrom === undefined || lastCommentFrom.some((kind) => kind === lastAuthor(state, task)))
  );
}

/** Of which kind the author of the task's last comment is. */
function lastAuthor(state: State, task: Task): CommentAuthor | undefined {
  const comments = (state.commentsByTask.get(task.id) ?? []).map((id) => state.comments.get(id));
  const last = comments.findLast((one) => one !== undefined && !one.system && !one.isDeleted);
  if (last === undefined) return undefined;
  if (last.owner.startsWith('contact:')) return 'contact';
  return userOf(state, last.owner)?.role === 'Robot' ? 'robot' : 'employee';
}

/**
 * Sends what is due and may go: one request of the account at a time, none during the pause; methods outside the rules
 * go at once. Effects are added to the step; gives when it wants to be called next.
 */
export function pump(step: Step): Instant | undefined {
  const { state, now } = step;
  const { deliveries } = state;
  for (const job of [...deliveries.inFlight]) {
    const { at, status } = job.settles ?? { at: silenceEnds(state, job), status: 0 };
    if (at <= now) settle(state, job, status, now);
  }
  for (;;) {
    const job = takeDue(state, now);
    if (job === undefined) return nextMoment(state, now);
    send(step, job);
  }
}

/** When a request that nobody answered is a failure at last: some time after whoever carries it gave up itself. */
function silenceEnds(state: State, job: Job): Instant {
  return job.inFlightSince + job.delayAnswerMs + state.settings['webhook.timeoutMs'] + GRACE;
}

function threadFree(state: State, now: Instant): boolean {
  const { inFlight, pausedUntil } = state.deliveries;
  return now >= pausedUntil && !inFlight.some((job) => underRules(state, job));
}

/** The next execution that may go out now: due and, under the rules, the thread is free. */
function takeDue(state: State, now: Instant): Job | undefined {
  const { waiting } = state.deliveries;
  const first = waiting[0];
  if (first === undefined || first.dueAt > now) return undefined;
  if (threadFree(state, now)) return waiting.shift();
  if (!someOutsideRules(state)) return undefined;
  const at = waiting.findIndex((job) => job.dueAt <= now && !underRules(state, job));
  return at < 0 ? undefined : waiting.splice(at, 1)[0];
}

function someOutsideRules(state: State): boolean {
  const ruled = state.settings['webhook.methodsUnderRules'];
  return state.scenarios.some((scenario) => !ruled.includes(scenario.request.method));
}

function nextMoment(state: State, now: Instant): Instant | undefined {
  const { waiting, inFlight, pausedUntil } = state.deliveries;
  const moments = inFlight.map((job) => job.settles?.at ?? silenceEnds(state, job));
  const first = waiting[0];
  // What waits behind a request in flight is looked at again when that one is answered.
  const busy = inFlight.some((job) => underRules(state, job));
  if (first !== undefined && !busy) moments.push(Math.max(first.dueAt, pausedUntil));
  if (first !== undefined && someOutsideRules(state)) {
    const free = waiting.find((job) => !underRules(state, job));
    if (free !== undefined) moments.push(free.dueAt);
  }
  const later = moments.filter((at) => at > now);
  return later.length === 0 ? undefined : Math.min(...later);
}

function scenarioOf(state: State, job: Job): Scenario | undefined {
  return state.scenarios.find((scenario) => scenario.id === job.scenario);
}

function underRules(state: State, job: Job): boolean {
  const method = job.rendered?.method ?? scenarioOf(state, job)?.request.method ?? 'POST';
  return state.settings['webhook.methodsUnderRules'].includes(method);
}

/** Puts one request on the wire, unless a fault drops it. */
function send(step: Step, job: Job): void {
  const { state, now, effects } = step;
  const { deliveries } = state;
  const scenario = scenarioOf(state, job);
  const task = state.tasks.get(job.task);
  if (scenario === undefined || task === undefined) return;
  if (!countOperation(state, job, now)) return;
  if (job.rendered === undefined || state.settings['webhook.retryRendersAnew']) {
    job.rendered = rendered(state, scenario.request, task, job.comment);
  }
  const fault = deliveries.faults[0];
  if (fault !== undefined) {
    fault.times -= 1;
    if (fault.times <= 0) deliveries.faults.shift();
  }
  if (fault?.drop === true) return;
  job.inFlightSince = now;
  job.attempts += 1;
  job.delayAnswerMs = fault?.delayMs ?? 0;
  job.answerStatus = fault?.receiverStatus;
  deliveries.inFlight.push(job);
  deliveries.sent += 1;
  const request = outgoing(job.rendered, state.settings['webhook.timeoutMs']);
  effects.push({ kind: 'send', delivery: String(job.id), request });
  if (fault?.double === true) effects.push({ kind: 'send', delivery: `${job.id}-again`, request });
}

/** Each operation that a scenario carries out counts in its month; false = the month's operations are used up. */
function countOperation(state: State, job: Job, now: Instant): boolean {
  if (job.attempts > 0 && !state.settings['scenarios.repeatsCount']) return true;
  const month = new Date(now).toISOString().slice(0, 7);
  const { operations } = state.deliveries;
  if (operations.month !== month) state.deliveries.operations = { month, count: 0 };
  const limit = state.settings['scenarios.perMonth'];
  if (limit > 0 && state.deliveries.operations.count >= limit) return false;
  state.deliveries.operations.count += 1;
  return true;
}

function outgoing(request: ScenarioRequest, timeoutMs: number): OutgoingRequest {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: encoder.encode(request.body ?? ''),
    timeoutMs,
  };
}

/** Takes the receiver's answer to a request of ours; an unknown delivery is a doubled one and means nothing. */
export function answeredDelivery(state: State, delivery: string, answer: ReceiverAnswer, now: Instant): void {
  const job = state.deliveries.inFlight.find((candidate) => String(candidate.id) === delivery);
  if (job === undefined || job.settles !== undefined) return;
  const status = job.answerStatus ?? (answer.kind === 'answer' ? answer.status : 0);
  const at = Math.max(now, job.inFlightSince + job.delayAnswerMs);
  if (at <= now) settle(state, job, status, now);
  else job.settles = { at, status };
}

/** Only 200 is success; anything else is repeated and stops the account's requests for a while. */
function settle(state: State, job: Job, status: number, now: Instant): void {
  const { deliveries, settings } = state;
  deliveries.inFlight.splice(deliveries.inFlight.indexOf(job), 1);
  job.settles = undefined;
  if (status === 200) return;
  deliveries.failed += 1;
  const ruled = underRules(state, job);
  const scale = settings['webhook.timeScale'];
  if (ruled)
    deliveries.pausedUntil = Math.max(deliveries.pausedUntil, now + settings['webhook.pauseMs'] * scale);
  const minutes = settings['webhook.retryMinutes'][job.attempts - 1];
  if (!ruled || minutes === undefined || scenarioOf(state, job)?.retry !== true) {
    deliveries.givenUp += 1;
    return;
  }
  job.dueAt = now + minutes * MINUTE * scale;
  enqueue(state, job);
}
