// `npm run check`: what to run before a commit. Needs no server.
import { checks, runSteps, tests } from './steps.mjs';

await runSteps([...checks, tests('unit')]);
