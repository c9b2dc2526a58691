// openapi-typescript needs the programming interface of TypeScript 5, which version 7 doesn't have
import { register } from 'node:module';

const resolver = `export const resolve = (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolver)}`);
