// The door of this folder.
export type { GuardOptions } from './guard.js';
export { type OffsetOptions, offset } from './offset.js';
export { PaginationError, type PaginationErrorCode } from './pagination-error.js';
export type { PageFacts, Paginator } from './paginator.js';
export { singlePage } from './single-page.js';
export { type PagesOptions, pages } from './walk.js';
