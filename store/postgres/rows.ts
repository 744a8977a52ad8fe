/** Between the port's values and the columns: sets of aspects as bits, lanes as numbers. */
import { lanes, type Lane } from '../../sync/core/operation.ts';
import { dueAspects, type DueAspect, type Touch } from '../port.ts';

export const bitsOf = (aspects: readonly DueAspect[]): number =>
  aspects.reduce((bits, aspect) => bits | (1 << dueAspects.indexOf(aspect)), 0);

export const aspectsOf = (bits: number): DueAspect[] =>
  dueAspects.filter((_, index) => (bits & (1 << index)) !== 0).sort();

export const laneNumber = (lane: Lane): number => lanes.indexOf(lane);

export function laneOf(number: number): Lane {
  const lane = lanes[number];
  if (lane === undefined) throw new Error(`no lane ${String(number)}`);
  return lane;
}

export interface MergedTouch {
  readonly account: string;
  readonly task: string;
  readonly bits: number;
  readonly lane: number;
  readonly dueAt: number;
  readonly count: number;
  readonly correlation: string;
}

/** One row for each task, in one order everywhere, so that two transactions never wait for each other in a ring. */
export function mergeTouches(touches: readonly Touch[]): MergedTouch[] {
  const merged = new Map<string, MergedTouch>();
  for (const touch of touches) {
    const key = `${touch.account} ${touch.task}`;
    const present = merged.get(key);
    const bits = bitsOf(touch.aspects);
    const lane = laneNumber(touch.lane);
    merged.set(
      key,
      present
        ? {
            ...present,
            bits: present.bits | bits,
            lane: Math.min(present.lane, lane),
            dueAt: Math.min(present.dueAt, touch.dueAt),
            count: present.count + 1,
          }
        : {
            account: touch.account,
            task: touch.task,
            bits,
            lane,
            dueAt: touch.dueAt,
            count: 1,
            correlation: touch.correlation,
          },
    );
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, touch]) => touch);
}

/** Names one claim of one task. */
export const leaseKey = ({ account, task, epoch }: Lease): string => `${account} ${task} ${String(epoch)}`;

interface Lease {
  readonly account: string;
  readonly task: string;
  readonly epoch: number;
}

/** One column of rows, for `unnest`. */
export const column = <Row, Value>(rows: readonly Row[], pick: (row: Row) => Value): Value[] =>
  rows.map(pick);
