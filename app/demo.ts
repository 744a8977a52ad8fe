/** `svyazka demo`: database, emulated accounts and the bridge, a story played on them, and a judge at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountId, as } from '../errors/ids.ts';
import { falsifications } from '../simulation/judge/falsify.ts';
import { type Dumps, judge } from '../simulation/judge/judge.ts';
import { type StoryRecord } from '../simulation/judge/record.ts';
import { playStory, storyTitle } from '../simulation/story/story.ts';
import { defaultSettings } from '../sync/engine/deps.ts';
import { burstMs, companies, type Ground, prepareGround, startedOf } from './demo/ground.ts';
import { measure, seconds } from './demo/measure.ts';
import { plainDress, sceneLines, terminalDress } from './demo/screen.ts';
import { liveStage } from './demo/stage.ts';
import { exitCodes } from './commands/io.ts';
import { type Environment } from './environment.ts';
import { openLog } from './log.ts';

export interface DemoOptions {
  /** End after the story: 0 only if the judge finds that the accounts agree. */
  readonly once: boolean;
  /** Falsify the dumps after the story: 0 only if the judge catches every falsification. */
  readonly sabotage: boolean;
}

export interface DemoIo {
  say(text: string): void;
  /** Whether what is said goes to a terminal that knows escape sequences. */
  readonly terminal: boolean;
  readonly logLevel: Environment['logLevel'];
  /** Resolves when the demo is to end: SIGINT, SIGTERM. */
  readonly stopped: Promise<unknown>;
}

const sweepEveryMs = 30_000;

/** The exit code. Whatever happens, no process and no file is left behind. */
export async function runDemo(options: DemoOptions, io: DemoIo): Promise<number> {
  const begun = Date.now();
  const stop = new AbortController();
  void io.stopped.then(() => {
    stop.abort();
  });
  io.say(
    'Svyazka: three companies, three accounts, one task. Starting a database, emulated CRMs and the bridge …',
  );
  const ground = await prepareGround(openLog(io.logLevel));
  try {
    stop.signal.throwIfAborted();
    io.say(limitLines(ground).join('\n'));
    const { record, dumps } = await play(ground, stop.signal, io);
    io.say(`All of it took ${seconds(Date.now() - begun)}.`);
    const agreed = tellVerdict(judge(record, dumps), io);
    if (options.sabotage) return agreed && sabotage(record, dumps, io) ? exitCodes.done : exitCodes.failed;
    if (options.once || !agreed) return agreed ? exitCodes.done : exitCodes.failed;
    io.say(whereToLook(ground).join('\n'));
    await sweepUntil(ground, stop.signal);
    io.say('Clearing away …');
    return exitCodes.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    io.say('Stopped. Clearing away …');
    return exitCodes.failed;
  } finally {
    await ground.clear();
  }
}

/** What no webhook tells (an edited Planfix comment) is seen within half a minute. */
async function sweepUntil({ bridge }: Ground, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await sleep(sweepEveryMs, undefined, { signal });
    } catch (error) {
      // The demo ends with the signal; it is no error here.
      if (signal.aborted) return;
      throw error;
    }
    for (const company of companies) await bridge.sweepNow(as<AccountId>(company));
  }
}

async function play(
  ground: Ground,
  signal: AbortSignal,
  io: DemoIo,
): Promise<{ record: StoryRecord; dumps: Dumps }> {
  const dress = io.terminal ? terminalDress : plainDress;
  const stage = liveStage(ground, signal);
  const measured = measure(ground.emulators);
  let number = 0;
  let acts = 0;
  const counted: typeof stage = {
    ...stage,
    act: (company, act) => {
      acts += 1;
      return stage.act(company, act);
    },
  };
  const record = await playStory(counted, Date.now(), (scene) => {
    number += 1;
    const latency = measured.sceneEnded(stage.actedAt());
    io.say(sceneLines(scene, storyTitle, number, seconds(latency), dress).join('\n'));
  });
  io.say(['', ...measured.summary(acts)].join('\n'));
  return { record, dumps: await stage.dumps() };
}

function limitLines({ emulators }: Ground): string[] {
  const planfix = emulators.host('teyron').settings();
  const portal = (emulators.host('romashka').dump() as { portal: { rate: Record<string, number> } }).portal;
  return [
    'The accounts hold the bridge to the real limits:',
    `  Planfix   ${String(planfix['limits.perSecond'])} request a second, at most ${String(planfix['limits.burst'])} at once, ${String(planfix['limits.perDay'])} a day`,
    `  Bitrix24  a bucket of ${String(portal.rate['burst'])} requests that drains ${String(portal.rate['drain_per_second'])} a second`,
    `A task that was just worked on rests ${String(burstMs / 1_000)} s before more is read of it (outside this story ${String(defaultSettings.burstMs / 1_000)} s).`,
  ];
}

function tellVerdict(findings: readonly string[], io: DemoIo): boolean {
  io.say(
    findings.length === 0
      ? '\nThe judge, who knows only the dumps of the accounts and what the people did, finds: they agree.\n' +
          '  Tasks, texts, authors, statuses, deadlines and bytes of files are the same, nothing is there twice,\n' +
          '  and nothing in the client’s account names the contractor.'
      : `\nThe judge finds that the accounts do NOT agree:\n${findings.map((finding) => `  - ${finding}`).join('\n')}`,
  );
  return findings.length === 0;
}

function sabotage(record: StoryRecord, dumps: Dumps, io: DemoIo): boolean {
  io.say('\nNow the dumps are falsified, one way at a time. Does the judge see it?');
  let missed = 0;
  for (const { what, finding, falsify } of falsifications(record, {
    client: 'romashka',
    integrator: 'teyron',
  })) {
    const found = judge(record, falsify(dumps)).find((text) => finding.test(text));
    if (found === undefined) missed += 1;
    io.say(
      `  ${found === undefined ? 'MISSED' : 'caught'}  ${what}${found === undefined ? '' : `\n            ${found}`}`,
    );
  }
  io.say(
    missed === 0 ? 'Every falsification was caught.' : `${String(missed)} falsifications were NOT caught.`,
  );
  return missed === 0;
}

function whereToLook({ bridge, emulators }: Ground): string[] {
  const romashka = startedOf(emulators, 'romashka').control;
  const teyron = startedOf(emulators, 'teyron').control;
  return [
    '',
    'Everything stays up until Ctrl+C. Where to look:',
    `  bridge    http://127.0.0.1:${String(bridge.port)}/healthz  /readyz  /metrics`,
    ...companies.map(
      (company) =>
        `  ${company.padEnd(8)}  ${startedOf(emulators, company).control}/dump  /log  /mail  /settings`,
    ),
    'Act as a person, and see what the others are shown:',
    `  curl -X POST ${romashka}/act -d '{"as":12,"do":"post message","task":1,"text":"Спасибо!"}'`,
    `  curl -s ${teyron}/dump | grep -o 'Спасибо[^"]*'`,
    `  curl -X POST ${romashka}/act -d '{"as":12,"do":"create task","title":"Ещё одна","responsible":77,"group":7}'`,
    'The words that people know: emulators/planfix/README.md, emulators/bitrix24/README.md',
  ];
}
