// A workspace with a state file, in a process that a test kills. Prints its address.
import { makeWorkspace } from '../workspace/support.ts';

const [stateFile = ''] = process.argv.slice(2);
const workspace = await makeWorkspace({ stateFile });
process.stdout.write(`${workspace.apiUrl}\n`);
