// Takes the statistics of columns out of a file's footer: the engine writes those of all columns.
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { files } from '../../stage/index.js';
import { encodeFooter, readFooter } from './footer.js';
import { placeGroup } from './row-group.js';

/** Writes the footer of a file anew, without the statistics of all columns but the named ones. */
export async function leaveStatisticsOut(file: string, keep: readonly string[]): Promise<void> {
  const footer = await readFooter(file);
  if (footer.groups.length === 0) return;
  const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false });
  const names = row_groups[0]!.columns.map((column) => column.meta_data?.path_in_schema[0] ?? '');
  const withoutStatistics = (column: number): boolean => !keep.includes(names[column]!);
  const groups = footer.groups.map((group, ordinal) =>
    placeGroup(group, { shift: 0, attachments: group.attachments, ordinal, withoutStatistics }),
  );
  const bytes = encodeFooter(footer.fields, footer.rows, groups);
  await files.truncate(file, footer.start);
  const handle = await files.open(file, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, footer.start);
  } finally {
    await handle.close();
  }
}
