// An import would look at all that these have, and so load what fetch is made of: a seventh of the time that a plugin takes to start.
export const http = process.getBuiltinModule("node:http");
export const https = process.getBuiltinModule("node:https");
