import { type Described, type EmulatorKind, type EmulatorRequest, type Fault, type Json } from './types.ts';

/** What a fault does to one request; `undefined` = the request runs undisturbed. */
export interface Disturbance {
  readonly when: 'before' | 'after';
  readonly answer?: Fault['answer'];
  readonly cut: boolean;
  readonly delayMs: number;
}

/** A fault of the control API, checked: what the host plays itself and what only the machine can play. */
export interface FaultPlan {
  readonly fault: Fault;
  left: number;
}

type SendFault = Parameters<EmulatorKind<unknown>['sendFault']>[1];

const known: readonly (keyof Fault)[] = [
  'on',
  'when',
  'answer',
  'times',
  'delayMs',
  'double',
  'drop',
  'cut',
  'receiverStatus',
  'applicationToken',
];
const ofSends = ['double', 'drop', 'receiverStatus', 'applicationToken'] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkedAnswer(value: unknown): NonNullable<Fault['answer']> {
  if (!isRecord(value) || typeof value['status'] !== 'number')
    throw new TypeError('fault: "answer" wants { "status": number, "headers"?, "body"? }');
  const headers = value['headers'];
  if (
    headers !== undefined &&
    !(isRecord(headers) && Object.values(headers).every((header) => typeof header === 'string'))
  )
    throw new TypeError('fault: "answer.headers" wants texts by name');
  return {
    status: value['status'],
    ...(headers === undefined ? {} : { headers: headers as Readonly<Record<string, string>> }),
    ...(value['body'] === undefined ? {} : { body: value['body'] as Json }),
  };
}

/**
 * Reads a fault as `POST /__emulator__/faults` and the contracts' `fault` step write it.
 * Throws TypeError with a readable text.
 */
export function readFault(value: unknown): Fault {
  if (!isRecord(value)) throw new TypeError('fault: a JSON object is wanted, with "on" at least');
  const unknownKey = Object.keys(value).find((key) => !known.some((name) => name === key));
  if (unknownKey !== undefined)
    throw new TypeError(`fault: unknown key "${unknownKey}"; known are ${known.join(', ')}`);
  const { on, when, answer, times, delayMs, receiverStatus, applicationToken } = value;
  if (typeof on !== 'string' || on === '')
    throw new TypeError('fault: "on" wants a method name, "METHOD /path", "webhook" or "*"');
  if (when !== undefined && when !== 'before' && when !== 'after')
    throw new TypeError('fault: "when" is "before" or "after" the write took effect');
  for (const [name, number] of Object.entries({ times, delayMs, receiverStatus }))
    if (number !== undefined && !(typeof number === 'number' && Number.isFinite(number) && number >= 0))
      throw new TypeError(`fault: "${name}" wants a number of 0 or more`);
  for (const name of ['double', 'drop', 'cut'] as const)
    if (value[name] !== undefined && typeof value[name] !== 'boolean')
      throw new TypeError(`fault: "${name}" wants true or false`);
  if (applicationToken !== undefined && typeof applicationToken !== 'string')
    throw new TypeError('fault: "applicationToken" wants a text');
  const fault: Fault = {
    on,
    ...(when === undefined ? {} : { when }),
    ...(answer === undefined ? {} : { answer: checkedAnswer(answer) }),
    ...(typeof times === 'number' ? { times } : {}),
    ...(typeof delayMs === 'number' ? { delayMs } : {}),
    ...(typeof value['double'] === 'boolean' ? { double: value['double'] } : {}),
    ...(typeof value['drop'] === 'boolean' ? { drop: value['drop'] } : {}),
    ...(typeof value['cut'] === 'boolean' ? { cut: value['cut'] } : {}),
    ...(typeof receiverStatus === 'number' ? { receiverStatus } : {}),
    ...(typeof applicationToken === 'string' ? { applicationToken } : {}),
  };
  const sendKey = ofSends.find((key) => fault[key] !== undefined);
  if (sendKey !== undefined && on !== 'webhook')
    throw new TypeError(`fault: "${sendKey}" concerns what the account sends: use it with "on": "webhook"`);
  if (on === 'webhook' && fault.answer !== undefined)
    throw new TypeError('fault: a webhook has no answer of ours; use "receiverStatus"');
  if (sendKey === undefined && fault.answer === undefined && fault.cut !== true && !fault.delayMs)
    throw new TypeError('fault: nothing to do; give "answer", "cut", "delayMs", "double", "drop", …');
  return fault;
}

/** The part of a webhook fault that the machine plays; undefined when nothing of it is the machine's. */
export function machineFault(fault: Fault): SendFault | undefined {
  if (fault.on !== 'webhook' || fault.cut === true) return undefined;
  const { times = 1, drop, double, delayMs, receiverStatus, applicationToken } = fault;
  return {
    times,
    ...(drop === undefined ? {} : { drop }),
    ...(double === undefined ? {} : { double }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(receiverStatus === undefined ? {} : { receiverStatus }),
    ...(applicationToken === undefined ? {} : { applicationToken }),
  };
}

/** `METHOD /path` as a fault may name it: the whole path, and the path below the REST base of Planfix. */
function spoken(request: EmulatorRequest, on: string): boolean {
  if (!on.startsWith(request.method)) return false;
  const query = request.target.indexOf('?');
  const path = query < 0 ? request.target : request.target.slice(0, query);
  return (
    on === `${request.method} ${path}` ||
    (path.startsWith('/rest/') && on === `${request.method} ${path.slice(5)}`)
  );
}

/** Takes the first fault that fits the request and counts it; used-up faults leave the list. */
export function takeFault(
  plans: FaultPlan[],
  request: EmulatorRequest,
  described: Described,
): Disturbance | undefined {
  const index = plans.findIndex(
    ({ fault, left }) =>
      left > 0 &&
      fault.on !== 'webhook' &&
      (fault.on === '*' || described.operations.includes(fault.on) || spoken(request, fault.on)),
  );
  const plan = plans[index];
  if (plan === undefined) return undefined;
  plan.left -= 1;
  if (plan.left === 0) plans.splice(index, 1);
  const { when = 'before', answer, cut = false, delayMs = 0 } = plan.fault;
  return { when, cut, delayMs, ...(answer === undefined ? {} : { answer }) };
}

/** True when the next send's connection is to be cut; counts it. */
export function takeSendCut(plans: FaultPlan[]): boolean {
  const index = plans.findIndex(
    ({ fault, left }) => left > 0 && fault.on === 'webhook' && fault.cut === true,
  );
  const plan = plans[index];
  if (plan === undefined) return false;
  plan.left -= 1;
  if (plan.left === 0) plans.splice(index, 1);
  return true;
}
