// Names and texts as SQL, safely quoted.
export { quoteIdentifier as identifier, quoteLiteral as literal } from '../schema/index.js';
