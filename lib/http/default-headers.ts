// What every request says of its answer and its sender, unless it says something else.
import { acceptedEncodings } from './decompress.js';

export const defaultHeaders = {
  accept: '*/*',
  'accept-encoding': acceptedEncodings,
  'user-agent': 'sluice',
} as const;
