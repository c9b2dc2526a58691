import { dropImportOfSlackFile } from './0001-drop-import-of-slack-file.ts';
import { addExternalKeys } from './0002-external-keys.ts';
import { refoldNames } from './0003-refold-names.ts';
import { touchOldEstimates } from './0004-touch-old-estimates.ts';
import { indexesByAccount } from './0005-indexes-by-account.ts';
import { sumLoads } from './0006-sum-loads.ts';
import { sumDays } from './0007-sum-days.ts';
import { accountInEveryIndex } from './0008-account-in-every-index.ts';
import { linesByVersion } from './0009-lines-by-version.ts';
import { sumProjects } from './0010-sum-projects.ts';
import { leadGroupsByTeam } from './0011-lead-groups-by-team.ts';
import type { Migration } from './run-migrations.ts';

/**
 * In order: a migration's number is its position, from 1, and also the number in its file name. Add new ones at the
 * end.
 */
export const MIGRATIONS: readonly Migration[] = [
  dropImportOfSlackFile,
  addExternalKeys,
  refoldNames,
  touchOldEstimates,
  indexesByAccount,
  sumLoads,
  sumDays,
  accountInEveryIndex,
  linesByVersion,
  sumProjects,
  leadGroupsByTeam,
];
