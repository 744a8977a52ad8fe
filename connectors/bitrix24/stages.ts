/** Columns of a group's kanban (b24restdocs: api-reference/tasks/stages/task-stages-get.md). */
import { as, type LocalStageId } from '../../errors/ids.ts';
import { ConnectorError, type LocalStage } from '../port.ts';
import { connectorError } from './failure.ts';
import { Stage, StageMap } from './schema.ts';
import { oddRow } from './service.ts';
import { type Session } from './session.ts';

const method = 'task.stages.get';

/** See Connector.stages. Everybody who sees the group may read them; an administrator sees every group. */
export async function stages(session: Session, group: string): Promise<readonly LocalStage[]> {
  const answer = await session.client.call(method, { entityId: group, isAdmin: true });
  if (answer.is === 'failed') throw connectorError(answer, 'status', method);
  const rows = StageMap.safeParse(answer.result);
  if (!rows.success) throw new ConnectorError(oddRow('status', method, 'no map of columns'));
  return [...rows.data.values()]
    .flatMap((row) => Stage.safeParse(row).data ?? [])
    .filter(({ ENTITY_ID, ENTITY_TYPE }) => ENTITY_TYPE === 'G' && ENTITY_ID === group)
    .sort((one, other) => one.SORT - other.SORT)
    .map(({ ID, TITLE }) => ({ id: as<LocalStageId>(ID), name: TITLE }));
}
