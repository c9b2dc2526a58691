// openapi-typescript needs the programming interface of TypeScript, which version 7 doesn't have yet. Another package has a
// copy of version 6 without a program of its own, which would replace tsc
import { register } from 'node:module';

const resolver = `
  export const resolve = (name, context, next) =>
    next(name === 'typescript' ? '@ts-morph/common/dist/typescript.js' : name, context);
`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);
