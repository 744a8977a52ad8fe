/** What /metrics tells. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly hints: Counter;
  readonly written: Counter;
  readonly due: Gauge;
  readonly open: Gauge;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    hints: new Counter({
      name: 'svyazka_hints_total',
      help: 'Webhook hints by account and what became of them',
      labelNames: ['account', 'outcome'],
      registers,
    }),
    written: new Counter({
      name: 'svyazka_writes_total',
      help: 'Writes by account and outcome',
      labelNames: ['account', 'outcome'],
      registers,
    }),
    due: new Gauge({
      name: 'svyazka_due_tasks',
      help: 'Tasks with work due',
      labelNames: ['account'],
      registers,
    }),
    open: new Gauge({
      name: 'svyazka_open_operations',
      help: 'Writes without a known outcome',
      labelNames: ['account'],
      registers,
    }),
  };
}
