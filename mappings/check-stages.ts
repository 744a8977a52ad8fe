/** Columns of a kanban: they belong to one group, and what is written with them comes back as what was meant. */
import { type AccountId, type LifecycleStatus, type LocalStageId } from '../errors/ids.ts';
import { type PlacedLens, lensesOf } from './check-lens.ts';
import { type KnownStage } from './check.ts';
import { list, problem, suggest, warning, type Finding, type Path, type Rule } from './finding.ts';
import { isOpen, type LifecycleStep, type Mapping, type Member, type StageLens } from './types.ts';

/** A card that was never moved has this in place of its column. */
const notMoved = '0';

interface PlacedStages {
  readonly placed: PlacedLens;
  readonly member: Member;
  readonly path: Path;
  readonly stages: StageLens;
}

const stagesOf = (mapping: Mapping): readonly PlacedStages[] =>
  lensesOf(mapping).flatMap((placed) => {
    const { account, lens } = placed;
    const member = mapping.members.find((one) => one.account === account);
    return lens.stages === undefined || member === undefined
      ? []
      : [{ placed, member, path: [...placed.path, 'stages'], stages: lens.stages }];
  });

const stageRows = (stages: StageLens): readonly (readonly [LocalStageId, LifecycleStatus])[] =>
  Object.entries(stages.in) as [LocalStageId, LifecycleStatus][];
const cardRows = (stages: StageLens): readonly (readonly [LifecycleStatus, LocalStageId])[] =>
  Object.entries(stages.out) as [LifecycleStatus, LocalStageId][];

const group: Rule = {
  name: 'columns belong to the group of a Bitrix24 member',
  needs: ['members', 'kinds'],
  find: (mapping) =>
    stagesOf(mapping).flatMap(({ member, path }): Finding[] => {
      if (member.kind === 'planfix')
        return [
          problem(path, 'the API of Planfix knows no columns of a planner, only statuses', 'remove the key'),
        ];
      if (member.scope?.kind === 'group') return [];
      return [
        problem(
          path,
          `columns belong to a group, and "${member.account}" has no group as its scope`,
          'add scope: { group: "<id>" } to the member, or remove `stages`',
        ),
      ];
    }),
};

function misread(
  lifecycle: readonly LifecycleStep[],
  path: Path,
  meaning: LifecycleStatus,
): readonly Finding[] {
  const step = lifecycle.find(({ status }) => status === meaning);
  const open = lifecycle.filter(isOpen).map(({ status }): string => status);
  if (step === undefined)
    return [problem(path, `"${meaning}" is not a status of the lifecycle`, suggest(meaning, open))];
  if (isOpen(step)) return [];
  return [
    problem(
      path,
      step.final
        ? `a column can not mean "${meaning}": a card that is put there is not completed in Bitrix24`
        : `a column can not mean "${meaning}", which waits for acceptance: a card that is put there waits for nobody in Bitrix24`,
      `remove the row; stages.out.${meaning} puts the card there when the task becomes "${meaning}"`,
    ),
  ];
}

const meanings: Rule = {
  name: 'columns mean statuses in which a task is worked on',
  needs: ['lifecycle', 'final', 'acceptance', 'statuses'],
  find: (mapping) =>
    stagesOf(mapping).flatMap(({ path, stages }) =>
      stageRows(stages).flatMap(([stage, meaning]) => [
        ...(/^\d+$/u.test(stage) ? [] : [notANumber([...path, 'in', stage], stage)]),
        ...misread(mapping.lifecycle, [...path, 'in', stage], meaning),
      ]),
    ),
};

const notANumber = (path: Path, stage: string): Finding =>
  problem(path, `"${stage}" is not a column of Bitrix24: they are numbers`, 'write the number of a column');

const cards: Rule = {
  name: 'every status has a column for its card, or keeps the card where it is without harm',
  needs: ['lifecycle', 'final', 'acceptance', 'statuses'],
  find: (mapping) =>
    stagesOf(mapping).flatMap(({ placed, path, stages }) => {
      const lifecycle = mapping.lifecycle.map(({ status }): string => status);
      const shown = (status: LifecycleStatus): boolean => (placed.lens.out[status] ?? 'hold') !== 'hold';
      return [
        ...cardRows(stages).flatMap(([status, stage]): Finding[] => {
          const place = [...path, 'out', status];
          if (!lifecycle.includes(status))
            return [
              problem(place, `"${status}" is not a status of the lifecycle`, suggest(status, lifecycle)),
            ];
          if (!shown(status))
            return [
              problem(
                place,
                `\`out\` does not show "${status}" here, so its card is put nowhere`,
                `remove the row, or give "${status}" a status in \`out\``,
              ),
            ];
          if (stage === notMoved)
            return [
              problem(
                place,
                '"0" says that a card was never moved: no card can be put there',
                'write the number of the first column, as task.stages.get tells it',
              ),
            ];
          return /^\d+$/u.test(stage) ? [] : [notANumber(place, stage)];
        }),
        ...mapping.lifecycle
          .filter((step) => isOpen(step) && shown(step.status) && !Object.hasOwn(stages.out, step.status))
          .flatMap(({ status }): Finding[] => {
            const others = [...new Set(stageRows(stages).map(([, meaning]) => meaning))].filter(
              (meaning) => meaning !== status,
            );
            if (others.length === 0) return [];
            return [
              problem(
                [...path, 'out'],
                `nothing says where the card of a task with "${status}" goes: left in a column that means ${list(others, 'or')} it would come back as that`,
                `add a row ${status}: "<column>"`,
              ),
            ];
          }),
      ];
    }),
};

/** Whether a written pair comes back is judged with the status itself (check-lens.ts). */
export const stageRules: readonly Rule[] = [group, meanings, cards];

/** Each column that the mapping names is one of the group, and the first one means the same before and after a move. */
export function againstStages(
  mapping: Mapping,
  account: AccountId,
  known: readonly KnownStage[] | null,
): readonly Finding[] {
  if (known === null) return [];
  return stagesOf(mapping)
    .filter(({ member }) => member.account === account && member.scope?.kind === 'group')
    .flatMap(({ member, path, stages }): readonly Finding[] => {
      const group = member.scope?.kind === 'group' ? member.scope.group : '';
      const choose =
        known.length === 0
          ? 'give the group a kanban first'
          : `choose one of ${known.map(({ id, name }) => `"${id}" (${name})`).join(', ')}`;
      const missing = (place: Path, stage: string): readonly Finding[] =>
        stage === notMoved || known.some(({ id }) => id === stage)
          ? []
          : [problem(place, `group ${group} of "${account}" has no column "${stage}"`, choose)];
      const [first] = known;
      const meant = (stage: string): string | undefined => stages.in[stage as LocalStageId];
      return [
        ...stageRows(stages).flatMap(([stage]) => missing([...path, 'in', stage], stage)),
        ...cardRows(stages).flatMap(([status, stage]) => missing([...path, 'out', status], stage)),
        ...(first === undefined || meant(first.id) === meant(notMoved)
          ? []
          : [
              warning(
                [...path, 'in'],
                `"${first.id}" (${first.name}) is the first column, and a card that was never moved stands there as "0", which means ${meant(notMoved) ?? 'nothing of its own'}`,
                meant(first.id) === undefined
                  ? `write "${first.id}": ${meant(notMoved) ?? ''} as well, or remove "0"`
                  : `write "0": ${meant(first.id) ?? ''} as well`,
              ),
            ]),
      ];
    });
}
