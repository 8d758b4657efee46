#!/usr/bin/env node
// The SDK's notice that it will want Node 22 in 2027 is for us, who pin it, and not for whoever runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
require('./without-cache.cjs');
require('tsx/cjs');
require('./keyward.ts');
