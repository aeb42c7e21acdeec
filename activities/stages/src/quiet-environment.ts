import type { Environment } from '@vitrine/config';

/** Notes to developers that would else stand at the head of every stage's log. */
export const QUIET: Environment = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
